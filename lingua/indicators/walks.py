# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Formulas of several steps over whole columns, in one pass where NumPy would make one for each operation.

A formula written for one observation is also its own batch form: it is called with columns. Each of its operations then
writes a column of its own, and reading and writing those takes longer than the arithmetic. For the formulas used most
the same operations stand here once more, in the same order and with the same bits (the tests of the library compare
every batch form with its incremental form), bar after bar.

All columns are contiguous float64 of one length and without holes, as a batch form gets them. What overflows the
callers leave to the formula itself: a running value that is not finite stays so, and they ask for it at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython

COMPILED = cython.compiled
NAN: float = cython.declare(cython.double, float("nan"))


# --- whole columns -----------------------------------------------------------------------------------


def is_finite(x: cython.double[::1]) -> bool:
    """Whether no value is missing or infinite."""
    n: cython.Py_ssize_t = len(x)
    if n == 0:
        return True
    if cython.compiled:
        with cython.nogil:
            found: cython.bint = _is_finite(cython.address(x[0]), n)
        return found
    return bool(_is_finite(x, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _is_finite(x: cython.p_double, n: cython.Py_ssize_t) -> cython.bint:
    # Nothing but zeros adds up to zero, in any order: four sums do not wait for one another.
    i: cython.Py_ssize_t = 0
    a: cython.double = 0.0
    b: cython.double = 0.0
    c: cython.double = 0.0
    d: cython.double = 0.0
    while i + 3 < n:
        a += x[i] - x[i]
        b += x[i + 1] - x[i + 1]
        c += x[i + 2] - x[i + 2]
        d += x[i + 3] - x[i + 3]
        i += 4
    while i < n:
        a += x[i] - x[i]
        i += 1
    return a + b + c + d == 0.0


# --- directional movement ----------------------------------------------------------------------------


def directional(
    high: cython.double[::1], low: cython.double[::1], close: cython.double[::1], length: cython.Py_ssize_t,
    which: cython.int, out: cython.double[::1],
) -> bool:  # fmt: skip
    """Writes +DI (`which` 1), -DI (-1) or DX (0) from row `length` on. False, and nothing of meaning, where a sum is
    not finite."""
    n: cython.Py_ssize_t = len(high)
    if n <= length:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _directional(
                cython.address(high[0]), cython.address(low[0]), cython.address(close[0]), length, which,
                cython.address(out[0]), n,
            )  # fmt: skip
        return done
    return bool(_directional(high, low, close, length, which, out, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _directional(
    high: cython.p_double, low: cython.p_double, close: cython.p_double, length: cython.Py_ssize_t, which: cython.int,
    out: cython.p_double, n: cython.Py_ssize_t,
) -> cython.bint:  # fmt: skip
    i: cython.Py_ssize_t
    ups: cython.double = 0.0
    downs: cython.double = 0.0
    ranges: cython.double = 0.0
    rise: cython.double
    fall: cython.double
    up: cython.double
    down: cython.double
    plus: cython.double
    minus: cython.double
    before: cython.double
    bars: cython.double = length
    for i in range(1, n):
        rise = high[i] - high[i - 1]
        fall = low[i - 1] - low[i]
        before = close[i - 1]
        up = rise if rise > 0.0 else 0.0
        down = fall if fall > 0.0 else 0.0
        up = up if rise > fall else 0.0
        down = down if fall > rise else 0.0
        rise = (high[i] if high[i] > before else before) - (low[i] if low[i] < before else before)
        if i < length:
            ups = ups + up
            downs = downs + down
            ranges = ranges + rise
            continue
        ups = ups - ups / bars + up
        downs = downs - downs / bars + down
        ranges = ranges - ranges / bars + rise
        if ranges == 0.0:
            out[i] = NAN
        elif which > 0:
            out[i] = 100.0 * ups / ranges
        elif which < 0:
            out[i] = 100.0 * downs / ranges
        else:
            plus = 100.0 * ups / ranges
            minus = 100.0 * downs / ranges
            fall = plus + minus
            rise = plus - minus
            out[i] = 100.0 * (rise if rise > 0.0 else -rise) / fall if fall != 0.0 else NAN
    before = (ups - ups) + (downs - downs) + (ranges - ranges)
    return before == 0.0


# --- one operation -----------------------------------------------------------------------------------


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _ratio(a: cython.p_double, b: cython.p_double, out: cython.p_double, n: cython.Py_ssize_t) -> cython.int:
    i: cython.Py_ssize_t
    quotient: cython.double
    for i in range(n):
        quotient = a[i] / b[i] if cython.compiled or b[i] != 0.0 else NAN
        out[i] = quotient if b[i] != 0.0 else NAN
    return 0


def share(a: cython.double[::1], b: cython.double[::1], scale: cython.double, out: cython.double[::1]) -> None:
    """scale * a / b; NaN where b is 0. `out` may be one of them."""
    n: cython.Py_ssize_t = len(out)
    if n == 0:
        return
    if cython.compiled:
        with cython.nogil:
            _share(cython.address(a[0]), cython.address(b[0]), scale, cython.address(out[0]), n)
    else:
        _share(a, b, scale, out, n)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _share(
    a: cython.p_double, b: cython.p_double, scale: cython.double, out: cython.p_double, n: cython.Py_ssize_t
) -> cython.int:  # fmt: skip
    i: cython.Py_ssize_t
    quotient: cython.double
    for i in range(n):
        quotient = scale * a[i] / b[i] if cython.compiled or b[i] != 0.0 else NAN
        out[i] = quotient if b[i] != 0.0 else NAN
    return 0


def change_share(
    x: cython.double[::1], length: cython.Py_ssize_t, scale: cython.double, out: cython.double[::1]
) -> None:
    """scale * (x - x[length]) / x[length] from row `length` on, NaN before and where the divisor is 0."""
    n: cython.Py_ssize_t = len(x)
    i: cython.Py_ssize_t
    for i in range(min(length, n)):
        out[i] = NAN
    if n <= length:
        return
    if cython.compiled:
        with cython.nogil:
            _change_share(
                cython.address(x[length]), cython.address(x[0]), scale, cython.address(out[length]), n - length
            )
    else:
        _change_share(x[length:], x, scale, out[length:], n - length)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _change_share(
    x: cython.p_double, before: cython.p_double, scale: cython.double, out: cython.p_double, n: cython.Py_ssize_t
) -> cython.int:  # fmt: skip
    i: cython.Py_ssize_t
    quotient: cython.double
    for i in range(n):
        quotient = scale * (x[i] - before[i]) / before[i] if cython.compiled or before[i] != 0.0 else NAN
        out[i] = quotient if before[i] != 0.0 else NAN
    return 0


def place(
    a: cython.double[::1], b: cython.double[::1], top: cython.double[::1], bottom: cython.double[::1],
    scale: cython.double, out: cython.double[::1],
) -> None:  # fmt: skip
    """scale * (a - b) / (top - bottom); NaN where the two are equal. `out` may be one of them."""
    n: cython.Py_ssize_t = len(out)
    if n == 0:
        return
    if cython.compiled:
        with cython.nogil:
            _place(
                cython.address(a[0]), cython.address(b[0]), cython.address(top[0]), cython.address(bottom[0]), scale,
                cython.address(out[0]), n,
            )  # fmt: skip
    else:
        _place(a, b, top, bottom, scale, out, n)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _place(
    a: cython.p_double, b: cython.p_double, top: cython.p_double, bottom: cython.p_double, scale: cython.double,
    out: cython.p_double, n: cython.Py_ssize_t,
) -> cython.int:  # fmt: skip
    i: cython.Py_ssize_t
    span: cython.double
    quotient: cython.double
    for i in range(n):
        span = top[i] - bottom[i]
        quotient = scale * (a[i] - b[i]) / span if cython.compiled or span != 0.0 else NAN
        out[i] = quotient if span != 0.0 else NAN
    return 0


# --- running values ----------------------------------------------------------------------------------


def total(x: cython.double[::1], value: cython.double, out: cython.double[::1]) -> cython.double:
    """The sum of `value` and everything so far. The last one, which is not finite where one is not."""
    n: cython.Py_ssize_t = len(x)
    if n == 0:
        return value
    if cython.compiled:
        with cython.nogil:
            value = _total(cython.address(x[0]), value, cython.address(out[0]), n)
        return value
    return _total(x, value, out, n)


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _total(x: cython.p_double, value: cython.double, out: cython.p_double, n: cython.Py_ssize_t) -> cython.double:
    i: cython.Py_ssize_t
    for i in range(n):
        value = value + x[i]
        out[i] = value
    return value


def volume_index(
    close: cython.double[::1], volume: cython.double[::1], side: cython.double, out: cython.double[::1]
) -> bool:  # fmt: skip
    """1000 times the growth of the close over the bars whose volume rose (`side` 1) or fell (-1). False, and nothing of
    meaning, where a close is 0 or the value not finite."""
    n: cython.Py_ssize_t = len(close)
    if n == 0:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _volume_index(
                cython.address(close[0]), cython.address(volume[0]), side, cython.address(out[0]), n
            )
        return done
    return bool(_volume_index(close, volume, side, out, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _volume_index(
    close: cython.p_double, volume: cython.p_double, side: cython.double, out: cython.p_double, n: cython.Py_ssize_t
) -> cython.bint:  # fmt: skip
    i: cython.Py_ssize_t
    value: cython.double = 1000.0
    growth: cython.double
    out[0] = value
    for i in range(1, n):
        if close[i - 1] == 0.0:
            return False
        growth = close[i] / close[i - 1]
        value = value * (growth if side * (volume[i] - volume[i - 1]) > 0.0 else 1.0)
        out[i] = value
    return value - value == 0.0


def heikin_ashi(
    opened: cython.double[::1], high: cython.double[::1], low: cython.double[::1], close: cython.double[::1],
    opens: cython.double[::1], highs: cython.double[::1], lows: cython.double[::1], closes: cython.double[::1],
) -> bool:  # fmt: skip
    """The four columns of the smoothed bars. False, and nothing of meaning, where an open is not finite."""
    n: cython.Py_ssize_t = len(close)
    if n == 0:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _heikin_ashi(
                cython.address(opened[0]), cython.address(high[0]), cython.address(low[0]), cython.address(close[0]),
                cython.address(opens[0]), cython.address(highs[0]), cython.address(lows[0]), cython.address(closes[0]),
                n,
            )  # fmt: skip
        return done
    return bool(_heikin_ashi(opened, high, low, close, opens, highs, lows, closes, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _heikin_ashi(
    opened: cython.p_double, high: cython.p_double, low: cython.p_double, close: cython.p_double,
    opens: cython.p_double, highs: cython.p_double, lows: cython.p_double, closes: cython.p_double,
    n: cython.Py_ssize_t,
) -> cython.bint:  # fmt: skip
    i: cython.Py_ssize_t
    mean: cython.double = 0.0
    value: cython.double = (opened[0] + close[0]) / 2.0
    high_body: cython.double
    low_body: cython.double
    for i in range(n):
        if i > 0:
            value = value + 0.5 * (mean - value)
        mean = (opened[i] + high[i] + low[i] + close[i]) / 4.0
        high_body = value if value > mean else mean
        low_body = value if value < mean else mean
        opens[i] = value
        highs[i] = high[i] if high[i] > high_body else high_body
        lows[i] = low[i] if low[i] < low_body else low_body
        closes[i] = mean
    return (value - value) + (mean - mean) == 0.0


def adaptive(
    x: cython.double[::1], path: cython.double[::1], length: cython.Py_ssize_t, quick: cython.double,
    lazy: cython.double, out: cython.double[::1],
) -> bool:  # fmt: skip
    """Kaufman's average from row `length` on; `path` holds the sums of the last `length` steps. False, and nothing of
    meaning, where a value is not finite."""
    n: cython.Py_ssize_t = len(x)
    if n <= length:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _adaptive(
                cython.address(x[0]), cython.address(path[0]), length, quick, lazy, cython.address(out[0]), n
            )
        return done
    return bool(_adaptive(x, path, length, quick, lazy, out, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _adaptive(
    x: cython.p_double, path: cython.p_double, length: cython.Py_ssize_t, quick: cython.double, lazy: cython.double,
    out: cython.p_double, n: cython.Py_ssize_t,
) -> cython.bint:  # fmt: skip
    i: cython.Py_ssize_t
    value: cython.double = x[length - 1]
    covered: cython.double
    share: cython.double
    span: cython.double = quick - lazy
    for i in range(length, n):
        covered = x[i] - x[i - length]
        covered = covered if covered > 0.0 else -covered
        share = covered / path[i] if cython.compiled or path[i] != 0.0 else 1.0
        share = share if share < 1.0 else 1.0
        share = share if path[i] != 0.0 else 1.0
        share = share * span + lazy
        value = value + share * share * (x[i] - value)
        out[i] = value
    return value - value == 0.0


# --- bars --------------------------------------------------------------------------------------------

STRETCH: int = cython.declare(cython.Py_ssize_t, 512)
"""Rows that stand in the nearest cache while they are looked at twice."""


def pointwise(
    kind: cython.int, a: cython.double[::1], b: cython.double[::1], c: cython.double[::1], d: cython.double[::1],
    out: cython.double[::1],
) -> bool:  # fmt: skip
    """The operation of `one_pass.KINDS` on each row. Whether every value is finite; NaN by a divisor of 0 is not."""
    n: cython.Py_ssize_t = len(out)
    if n == 0:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _in_stretches(
                kind, cython.address(a[0]), cython.address(b[0]), cython.address(c[0]), cython.address(d[0]),
                cython.address(out[0]), n,
            )  # fmt: skip
        return done
    return bool(_pointwise(kind, a, b, c, d, out, n) == 0 and _is_finite(out, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _in_stretches(
    kind: cython.int, a: cython.p_double, b: cython.p_double, c: cython.p_double, d: cython.p_double,
    out: cython.p_double, n: cython.Py_ssize_t,
) -> cython.bint:  # fmt: skip
    at: cython.Py_ssize_t = 0
    size: cython.Py_ssize_t
    done: cython.bint = True
    while at < n:
        size = STRETCH if n - at > STRETCH else n - at
        _pointwise(kind, a + at, b + at, c + at, d + at, out + at, size)
        done = done & _is_finite(out + at, size)
        at += size
    return done


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _pointwise(
    kind: cython.int, a: cython.p_double, b: cython.p_double, c: cython.p_double, d: cython.p_double,
    out: cython.p_double, n: cython.Py_ssize_t,
) -> cython.int:  # fmt: skip
    i: cython.Py_ssize_t
    if kind == 0:
        for i in range(n):
            out[i] = a[i] + b[i]
    elif kind == 1:
        for i in range(n):
            out[i] = a[i] - b[i]
    elif kind == 2:
        for i in range(n):
            out[i] = a[i] * b[i]
    elif kind == 3:
        _ratio(a, b, out, n)
    elif kind == 4:
        for i in range(n):
            out[i] = (a[i] + b[i]) / 2.0
    elif kind == 5:
        for i in range(n):
            out[i] = (a[i] + b[i] + c[i]) / 3.0
    elif kind == 6:
        for i in range(n):
            out[i] = (a[i] + b[i] + c[i] * 2.0) / 4.0
    elif kind == 7:
        for i in range(n):
            out[i] = (b[i] + c[i] + d[i] + a[i]) / 4.0
    elif kind == 8:
        for i in range(n):
            out[i] = a[i] - b[i]
        _ratio(out, c, out, n)
    elif kind == 9:
        for i in range(n):
            out[i] = a[i] - b[i]
        _ratio(out, b, out, n)
    else:
        _ratio(a, b, out, n)
        for i in range(n):
            out[i] = out[i] * 100.0
    return 0


def true_range(
    high: cython.double[::1], low: cython.double[::1], close: cython.double[::1], out: cython.double[::1]
) -> bool:  # fmt: skip
    """The range of each bar with the close before it, NaN at first. False, and nothing of meaning, where a price is
    missing or infinite."""
    n: cython.Py_ssize_t = len(out)
    if n == 0:
        return True
    if cython.compiled:
        with cython.nogil:
            done: cython.bint = _true_range(
                cython.address(high[0]), cython.address(low[0]), cython.address(close[0]), cython.address(out[0]), n
            )
        return done
    return bool(_true_range(high, low, close, out, n))


@cython.nogil
@cython.cfunc
@cython.exceptval(check=False)
def _true_range(
    high: cython.p_double, low: cython.p_double, close: cython.p_double, out: cython.p_double, n: cython.Py_ssize_t
) -> cython.bint:  # fmt: skip
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t = 1
    to: cython.Py_ssize_t
    top: cython.double
    bottom: cython.double
    done: cython.bint = high[0] - high[0] == 0.0 and low[0] - low[0] == 0.0 and close[0] - close[0] == 0.0
    out[0] = NAN
    while at < n and done:
        to = at + STRETCH if n - at > STRETCH else n
        for i in range(at, to):
            top = high[i] if high[i] > close[i - 1] else close[i - 1]
            bottom = low[i] if low[i] < close[i - 1] else close[i - 1]
            out[i] = top - bottom
        if cython.compiled:
            done = _is_finite(high + at, to - at) and _is_finite(low + at, to - at) and _is_finite(close + at, to - at)
        else:
            done = all(each[i] - each[i] == 0.0 for each in (high, low, close) for i in range(at, to))
        at = to
    return done


def sixfold(
    x: cython.double[::1], kept: cython.double[::1], alpha: cython.double, first: cython.double,
    second: cython.double, third: cython.double, fourth: cython.double, out: cython.double[::1],
) -> bool:  # fmt: skip
    """first * e6 + second * e5 + third * e4 + fourth * e3 of six averages in a row that stand at `kept`, which moves
    on. False, with `kept` as it was and nothing of meaning in `out`, where a value is not finite."""
    n: cython.Py_ssize_t = len(out)
    i: cython.Py_ssize_t
    v1: cython.double = kept[0]
    v2: cython.double = kept[1]
    v3: cython.double = kept[2]
    v4: cython.double = kept[3]
    v5: cython.double = kept[4]
    v6: cython.double = kept[5]
    for i in range(n):
        v1 = v1 + alpha * (x[i] - v1)
        v2 = v2 + alpha * (v1 - v2)
        v3 = v3 + alpha * (v2 - v3)
        v4 = v4 + alpha * (v3 - v4)
        v5 = v5 + alpha * (v4 - v5)
        v6 = v6 + alpha * (v5 - v6)
        out[i] = first * v6 + second * v5 + third * v4 + fourth * v3
    if v6 - v6 != 0.0:
        return False
    kept[0] = v1
    kept[1] = v2
    kept[2] = v3
    kept[3] = v4
    kept[4] = v5
    kept[5] = v6
    return True
