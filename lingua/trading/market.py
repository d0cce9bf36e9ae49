# cython: language_level=3

"""One instrument as the step sees it: contract terms, its bars, and the bar at which the run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING
from lingua.trading.tail import Tail

if TYPE_CHECKING:
    from lingua.trading.instrument import Instrument
if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, floor
else:
    from lingua.trading.shim import fabs, floor

DAY_NS: int = cython.declare(cython.longlong, 86_400_000_000_000)
PROFILE_SESSIONS: int = cython.declare(cython.longlong, 20)
FLOATS = ("open", "high", "low", "close", "volume")
STAMPS = ("ts", "open_ts", "session")
DETAIL_FLOATS = ("detail_open", "detail_high", "detail_low", "detail_close", "detail_volume")
KEPT = 4
"""Bars that stay when a run goes on to others: more than the step looks back."""
DETAIL_STAMPS = ("detail_ts", "detail_open_ts")
KINDS: dict[str, np.dtype[Any]] = {
    **{name: np.dtype(np.float64) for name in FLOATS + DETAIL_FLOATS},
    **{name: np.dtype(np.int64) for name in STAMPS + DETAIL_STAMPS + ("detail_from",)},
    "tradable": np.dtype(np.uint8),
    "detail_tradable": np.dtype(np.uint8),
}


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Market:
    """`bar` is the last bar processed (-1 before the first), `mark` the last valid close (NaN before one).

    `session` counts sessions so that a difference is a number of sessions (calendar days where trading never stops).
    `tradable` bars may fill orders. `detail_from[i] : detail_from[i + 1]` are the finer bars inside bar i. Bars before
    number `first` (finer ones before `first_detail`) were forgotten; the others keep their numbers. `leaving` is the
    quantity that the group being decided closes itself, before its orders are sent. Where `is_profiled` (some order is
    spread by volume), `profile` is what bars at each place of a session usually trade, `place` that of the last one.
    `has_volume`: a bar so far tells
    of one (`has_fine_volume`: a finer bar); until then a volume of 0 is one that nobody recorded.
    """

    def __init__(self, index: cython.int, symbol: str, terms: Instrument, is_daily: bool, has_volume: bool) -> None:
        self.index = index
        self.symbol = symbol
        self.size = 0
        self.bar = -1
        self.detail_size = 0
        self.first = 0
        self.first_detail = 0
        self.mark = float("nan")
        self.next_action = 0
        self.actions: list[tuple[int, float, float]] = []
        self.is_daily = is_daily
        self.has_volume = has_volume
        self.has_fine_volume = False
        self.has_detail = False
        self.is_calendar = bool(terms.calendar == "24x7")
        self.may_short = bool(terms.may_short)
        self.is_perp = bool(terms.kind == "perp")
        self.fee_in_base = bool(terms.fee_asset == "base")
        self.multiplier = float(terms.multiplier)
        self.tick = float(terms.tick)
        self.tick_inverse = _inverse(terms.tick)
        self.lot = float(terms.lot)
        self.lot_inverse = _inverse(terms.lot)
        self.min_quantity = float(terms.min_quantity)
        self.min_notional = float(terms.min_notional)
        self.initial_margin = float(terms.initial_margin)
        self.maintenance_margin = float(terms.maintenance_margin)
        self.liquidation_fee = float(terms.liquidation_fee)
        self.leaving = 0.0
        self.is_profiled = False
        self.place = -1
        self.profile: list[float] = []
        self.profiled: list[int] = []
        self.session_first = -1
        self.session_open_ts = 0
        self.is_grown = False
        self.capacity = 0
        self.detail_capacity = 0
        self.store: Any = {}
        if not cython.compiled:
            self.open: list[float] = []
            self.high: list[float] = []
            self.low: list[float] = []
            self.close: list[float] = []
            self.volume: list[float] = []
            self.ts: list[int] = []
            self.open_ts: list[int] = []
            self.session: list[int] = []
            self.tradable: list[int] = []
            self.detail_from: list[int] = []
            self.detail_open: list[float] = []
            self.detail_high: list[float] = []
            self.detail_low: list[float] = []
            self.detail_close: list[float] = []
            self.detail_volume: list[float] = []
            self.detail_ts: list[int] = []
            self.detail_open_ts: list[int] = []
            self.detail_tradable: list[int] = []

    def load(self, arrays: dict[str, Any]) -> None:
        """Take the columns named in `KINDS`. Raises ValueError unless each is one contiguous array of its kind, the
        bars are equally many, and `detail_from` rises within the finer bars."""
        self._hold(arrays, 0, 0)

    def slide(self, arrays: dict[str, Any]) -> None:
        """Go on with the bars that follow, as `load` takes them: `detail_from` counts from their own first finer bar.
        Those before are forgotten, but for the last few and those not yet walked. Raises ValueError as `load`."""
        kept: int = min(max(self.first, self.bar + 1 - KEPT), self.size)
        gone: int = kept - self.first
        finer: int = int(self.store["detail_from"][gone])
        size, is_told, had_detail = self.size, self.has_fine_volume, self.has_detail
        if size > kept and len(arrays["ts"]) and arrays["ts"][0] <= self.store["ts"][size - 1 - self.first]:
            raise ValueError(f"{self.symbol}: the bars do not follow those before")
        joined = {}
        for name in KINDS:
            old = self.store[name][finer - self.first_detail if _is_fine(name) else gone :]
            new = arrays[name][1:] + self.detail_size if name == "detail_from" else arrays[name]
            joined[name] = np.concatenate((old[: self._end_of(name) - (finer if _is_fine(name) else kept)], new))
        self._hold(joined, kept, finer)
        self.has_detail = had_detail or self.has_detail
        self.has_fine_volume = is_told or self.has_fine_volume

    def _hold(self, arrays: dict[str, Any], first: cython.Py_ssize_t, first_detail: cython.Py_ssize_t) -> None:
        """`arrays` begin with bar `first` and finer bar `first_detail`; `detail_from` has the numbers of the run."""
        for name, kind in KINDS.items():
            column = arrays.get(name)
            if not isinstance(column, np.ndarray) or column.dtype != kind or column.ndim != 1:
                raise ValueError(f"{self.symbol}: column {name!r} must be a one-dimensional array of {kind}")
            if not column.flags.c_contiguous:
                raise ValueError(f"{self.symbol}: column {name!r} must be contiguous")
        count, finer = len(arrays["ts"]), len(arrays["detail_ts"])
        for name in FLOATS + STAMPS + ("tradable",):
            if len(arrays[name]) < count:
                raise ValueError(f"{self.symbol}: column {name!r} is shorter than the stamps")
        for name in (*DETAIL_FLOATS, "detail_open_ts", "detail_tradable"):
            if len(arrays[name]) < finer:
                raise ValueError(f"{self.symbol}: column {name!r} is shorter than the finer stamps")
        starts = arrays["detail_from"]
        if (
            len(starts) != count + 1 or starts[0] < first_detail or starts[-1] > first_detail + finer
            or (finer and np.any(np.diff(starts) < 0))
        ):  # fmt: skip
            raise ValueError(f"{self.symbol}: the finer bars do not divide among the bars")
        if self.bar >= first + count:
            raise ValueError(f"{self.symbol}: the run is already past these bars")
        self.store = dict(arrays)
        self.is_grown = False
        self.first = first
        self.first_detail = first_detail
        self.capacity = count
        self.detail_capacity = finer
        self.has_detail = finer > 0
        self.has_fine_volume = bool(np.any(arrays["detail_volume"] > 0.0))
        self._bind()
        self.size = first + count
        self.detail_size = first_detail + finer

    def _bind(self) -> None:
        if cython.compiled:
            self.open = _floats(self.store["open"], self.first)
            self.high = _floats(self.store["high"], self.first)
            self.low = _floats(self.store["low"], self.first)
            self.close = _floats(self.store["close"], self.first)
            self.volume = _floats(self.store["volume"], self.first)
            self.ts = _stamps(self.store["ts"], self.first)
            self.open_ts = _stamps(self.store["open_ts"], self.first)
            self.session = _stamps(self.store["session"], self.first)
            self.tradable = _flags(self.store["tradable"], self.first)
            self.detail_from = _stamps(self.store["detail_from"], self.first)
            self.detail_open = _floats(self.store["detail_open"], self.first_detail)
            self.detail_high = _floats(self.store["detail_high"], self.first_detail)
            self.detail_low = _floats(self.store["detail_low"], self.first_detail)
            self.detail_close = _floats(self.store["detail_close"], self.first_detail)
            self.detail_volume = _floats(self.store["detail_volume"], self.first_detail)
            self.detail_ts = _stamps(self.store["detail_ts"], self.first_detail)
            self.detail_open_ts = _stamps(self.store["detail_open_ts"], self.first_detail)
            self.detail_tradable = _flags(self.store["detail_tradable"], self.first_detail)
        else:
            for name in KINDS:
                column = self.store[name].tolist()
                first = self._first_of(name)
                setattr(self, name, Tail(column, first) if first else column)

    def append(self, bar: tuple[Any, ...], session: cython.longlong, is_tradable: bool, finer: list[Any]) -> None:
        """One more bar: (open, high, low, close, volume, ts, open_ts) and the finer ones inside it, likewise."""
        i: cython.Py_ssize_t = self.size
        d: cython.Py_ssize_t
        if len(bar) != 7 or any(len(row) != 7 for row in finer):
            raise ValueError(f"{self.symbol}: a bar is open, high, low, close, volume, ts and open_ts")
        if i and bar[5] <= self.ts[i - 1]:
            raise ValueError(f"{self.symbol}: a bar that ends at {bar[5]} is already there")
        if cython.compiled:
            rows: cython.Py_ssize_t = i + 1 - self.first
            fine: cython.Py_ssize_t = self.detail_size + len(finer) - self.first_detail
            if rows > self.capacity or fine > self.detail_capacity:
                self._make_room(max(2 * rows, self.capacity), max(2 * fine, self.detail_capacity))
        self.is_grown = True
        if cython.compiled:
            self.open[i], self.high[i], self.low[i], self.close[i], self.volume[i] = bar[:5]
            self.ts[i], self.open_ts[i], self.session[i], self.tradable[i] = bar[5], bar[6], session, is_tradable
            for row in finer:
                d = self.detail_size
                self.detail_open[d], self.detail_high[d], self.detail_low[d] = row[0], row[1], row[2]
                self.detail_close[d], self.detail_volume[d] = row[3], row[4]
                self.detail_ts[d], self.detail_open_ts[d] = row[5], row[6]
                self.detail_tradable[d] = self._may_fill(row)
                self.detail_size = d + 1
            self.detail_from[i + 1] = self.detail_size
        else:
            added = (*map(float, bar[:5]), int(bar[5]), int(bar[6]), int(session), int(is_tradable))
            for name, value in zip((*FLOATS, *STAMPS[:2], "session", "tradable"), added, strict=True):
                getattr(self, name).append(value)
            for row in finer:
                added = (*map(float, row[:5]), int(row[5]), int(row[6]), int(self._may_fill(row)))
                for name, value in zip((*DETAIL_FLOATS, *DETAIL_STAMPS, "detail_tradable"), added, strict=True):
                    getattr(self, name).append(value)
            self.detail_size += len(finer)
            self.detail_from.append(self.detail_size)
        self.has_detail = self.has_detail or len(finer) > 0
        self.has_volume = self.has_volume or bar[4] > 0.0
        self.size = i + 1

    def _may_fill(self, row: tuple[Any, ...]) -> bool:
        """Whether a finer bar may fill orders: it has its prices, and something was traded in it."""
        self.has_fine_volume = self.has_fine_volume or row[4] > 0.0
        return not any(price != price for price in row[:4]) and not (self.has_fine_volume and row[4] <= 0.0)

    def volumes_told(self) -> list[bool]:
        """`has_volume` and `has_fine_volume` as of the bar at which the run stands."""
        return [
            _is_told(self.has_volume, self.arrays()["volume"], self.bar + 1 - self.first, self.first > 0),
            _is_told(
                self.has_fine_volume, self.arrays()["detail_volume"],
                (self.detail_from[self.bar + 1] if self.bar >= 0 else 0) - self.first_detail, self.first_detail > 0,
            ),
        ]  # fmt: skip

    def tell_volumes(self, told: list[bool]) -> None:
        self.has_volume = self.has_volume or told[0]
        self.has_fine_volume = self.has_fine_volume or told[1]

    def _make_room(self, size: cython.Py_ssize_t, finer: cython.Py_ssize_t) -> None:
        for name, kind in KINDS.items():
            room = finer if name.startswith("detail_") else size
            if name == "detail_from":
                room = size + 1
            column = np.zeros(max(room, len(self.store[name])), dtype=kind)
            column[: len(self.store[name])] = self.store[name]
            self.store[name] = column
        self.capacity = size
        self.detail_capacity = finer
        self._bind()

    def arrays(self) -> dict[str, Any]:
        """The columns given to `load`, and what was appended."""
        if not self.is_grown:
            return dict(self.store)
        if cython.compiled:
            return {name: self.store[name][: self._end_of(name) - self._first_of(name)] for name in KINDS}
        return {name: np.array(list(getattr(self, name)), dtype=kind) for name, kind in KINDS.items()}

    def forget(self, before: cython.Py_ssize_t) -> None:
        """Drop the bars before number `before`, and the finer ones inside them. Bars not yet walked stay."""
        if before > self.bar:
            before = self.bar
        if before <= self.first or not self.is_grown:
            return
        finer: cython.Py_ssize_t = self.detail_from[before]
        for name in KINDS:
            gone = (finer if _is_fine(name) else before) - self._first_of(name)
            if cython.compiled:
                kept = self._end_of(name) - self._first_of(name) - gone
                column = self.store[name]
                column[:kept] = column[gone : gone + kept].copy()
            else:
                setattr(self, name, Tail(list(getattr(self, name))[gone:], self._first_of(name) + gone))
        self.first = before
        self.first_detail = finer
        if cython.compiled:
            self._bind()

    def window(self) -> dict[str, Any]:
        """The bars that are kept, as plain lists, to be kept in a snapshot."""
        kept = {name: column.tolist() for name, column in self.arrays().items()}
        return {"first": self.first, "first_detail": self.first_detail, "columns": kept}

    def open_window(self, window: dict[str, Any]) -> None:
        """Hold the bars that `window` told of, in place of any others. Raises ValueError when they do not fit."""
        arrays = {name: np.array(window["columns"][name], dtype=kind) for name, kind in KINDS.items()}
        first, finer = int(window["first"]), int(window["first_detail"])
        sizes = {len(arrays[name]) for name in (*FLOATS, *STAMPS, "tradable")}
        fine_sizes = {len(arrays[name]) for name in KINDS if _is_fine(name)}
        starts = arrays["detail_from"]
        if first < 0 or finer < 0 or len(sizes) != 1 or len(fine_sizes) != 1 or len(starts) != min(sizes) + 1:
            raise ValueError(f"{self.symbol}: the bars of the snapshot do not fit each other")
        if starts[0] != finer or starts[-1] != finer + min(fine_sizes) or np.any(np.diff(starts) < 0):
            raise ValueError(f"{self.symbol}: the finer bars of the snapshot do not divide among the bars")
        self.store = arrays
        self.first, self.first_detail = first, finer
        self.size, self.detail_size = first + min(sizes), finer + min(fine_sizes)
        self.capacity, self.detail_capacity = min(sizes), min(fine_sizes)
        self.has_detail = self.detail_size > 0
        self.is_grown = True
        self._bind()

    def _first_of(self, name: str) -> int:
        return int(self.first_detail if _is_fine(name) else self.first)

    def _end_of(self, name: str) -> int:
        """One past the last number that the column holds."""
        if _is_fine(name):
            return int(self.detail_size)
        return int(self.size + 1 if name == "detail_from" else self.size)

    def plan_actions(self, actions: list[tuple[int, float, float]]) -> None:
        """(stamp, split, dividend) in order of their ex-dates."""
        self.actions = [(int(ts), float(split), float(dividend)) for ts, split, dividend in actions]

    def planned_actions(self) -> list[tuple[int, float, float]]:
        return list(self.actions)

    def stand_at(self, bar: cython.Py_ssize_t) -> None:
        if not -1 <= bar < max(self.size, 1) or (bar >= 0 and self.size == 0):
            raise ValueError(f"{self.symbol}: no bar {bar}")
        self.bar = bar

    def advance_bar(self) -> None:
        if self.bar + 1 >= self.size:
            raise ValueError(f"{self.symbol}: no bar after {self.bar}")
        self.bar += 1

    @cython.cfunc
    def learn(self) -> cython.int:
        """The volume of the bar at which the run stands joins what bars at its place in the session usually have: the
        mean of all, and of about the last PROFILE_SESSIONS once there are more. A session that was not seen from its
        beginning tells nothing."""
        i: cython.Py_ssize_t = self.bar
        length: cython.longlong = self.ts[i] - self.open_ts[i]
        start: cython.longlong = self.open_ts[i]
        seen: cython.longlong
        volume: cython.double = self.volume[i]
        usual: cython.double
        if self.is_calendar:
            start -= start % DAY_NS
        else:
            if self.session_first < 0:
                self.session_first = self.session[i]
                self.session_open_ts = start
            elif self.session[i] != self.session_first:
                self.session_first = self.session[i]
                self.session_open_ts = start
                self.place = 0
            start = self.session_open_ts
            if self.place < 0:
                return 0
        self.place = (self.open_ts[i] - start) // length if length > 0 and length < DAY_NS else 0
        while len(self.profile) <= self.place:
            self.profile.append(0.0)
            self.profiled.append(0)
        if volume >= 0.0:
            seen = self.profiled[self.place]
            if seen < PROFILE_SESSIONS:
                seen += 1
                self.profiled[self.place] = seen
            usual = self.profile[self.place]
            self.profile[self.place] = usual + (volume - usual) / seen
        return 0

    def shares(self, count: cython.longlong, by_volume: cython.bint) -> list[float]:
        """Of an order sent over the next `count` bars, the parts that are due by the end of each: equal ones, or
        `by_volume` in proportion to what those bars usually have. The last is 1."""
        k: cython.longlong
        at: cython.longlong
        total: cython.double = 0.0
        weight: cython.double
        places: cython.longlong = len(self.profile)
        known: list[float] = [self.profile[k] for k in range(places) if self.profiled[k] > 0]
        usual: cython.double = sum(known) / len(known) if known else 0.0
        out: list[float] = []
        if self.is_calendar and places and self.ts[self.bar] > self.open_ts[self.bar]:
            places = max(DAY_NS // (self.ts[self.bar] - self.open_ts[self.bar]), 1)
        for k in range(count):
            weight = 1.0
            if by_volume and usual > 0.0:
                at = (self.place + 1 + k) % places
                weight = usual
                if at < len(self.profile) and self.profiled[at] > 0:
                    weight = self.profile[at]
            total += weight
            out.append(total)
        if total <= 0.0:
            return self.shares(count, False)
        return [each / total for each in out[:-1]] + [1.0]

    def learned(self) -> dict[str, Any]:
        """What `shares` reads, as plain data."""
        return {
            "place": self.place, "profile": list(self.profile), "profiled": list(self.profiled),
            "session": [self.session_first, self.session_open_ts],
        }  # fmt: skip

    def set_learned(self, state: dict[str, Any]) -> None:
        self.place = int(state["place"])
        self.profile = [float(x) for x in state["profile"]]
        self.profiled = [int(x) for x in state["profiled"]]
        self.session_first, self.session_open_ts = map(int, state["session"])

    @cython.cfunc
    def passive(self, price: cython.double, side: cython.int) -> cython.double:
        """The tick at or behind `price` for a buyer (side 1: down) or a seller (side -1: up); `-side` is the rule of
        stop prices, whose passive side is further off. Noise of a ten-millionth of a tick is not rounded away."""
        if self.tick <= 0.0:
            return price
        return _on_grid(price, self.tick, self.tick_inverse, side < 0)

    @cython.cfunc
    def lots(self, quantity: cython.double) -> cython.double:
        """`quantity` down to whole lots."""
        if self.lot <= 0.0:
            return quantity
        return _on_grid(quantity, self.lot, self.lot_inverse, False)

    @cython.cfunc
    def is_below_minimum(self, quantity: cython.double, price: cython.double) -> cython.bint:
        # A share of 1e-12: a quantity that is the minimum by decimals is not below it by binary noise.
        return (
            quantity < self.min_quantity * (1.0 - 1e-12)
            or quantity * price * self.multiplier < self.min_notional * (1.0 - 1e-12)
        )  # fmt: skip

    @cython.cfunc
    def elapsed_sessions(self, since: cython.longlong) -> cython.longlong:
        return self.session[self.bar] - since


def _is_fine(name: str) -> bool:
    """Whether a column has a value for each finer bar."""
    return name.startswith("detail_") and name != "detail_from"


def _is_told(ever: bool, volume: Any, count: int, has_forgotten: bool) -> bool:
    """Whether a volume is known by the first `count` kept bars; of forgotten ones `ever` is all that is left."""
    return ever and (has_forgotten or bool(np.any(volume[:count] > 0.0)))


def _inverse(step: float) -> float:
    """1 / step where that is a whole number, else 0: n / 100 is the decimal, n * 0.01 is not always."""
    if step <= 0.0:
        return 0.0
    whole = float(round(1.0 / step))
    return whole if whole >= 1.0 and abs(1.0 / step - whole) <= 1e-9 * whole else 0.0


@cython.cfunc
def _on_grid(x: cython.double, step: cython.double, inverse: cython.double, up: cython.bint) -> cython.double:
    n: cython.double = floor(x / step + 0.5)
    near: cython.double = n / inverse if inverse > 0.0 else n * step
    if fabs(near - x) <= 1e-7 * step:
        return near
    n = floor(x / step)
    if up:
        n += 1.0
    return n / inverse if inverse > 0.0 else n * step


@cython.cfunc
def _floats(column: object, first: cython.Py_ssize_t) -> cython.p_double:
    # Shifted back, so that number `first` stands where the column begins.
    address: cython.size_t = column.ctypes.data - 8 * first  # type: ignore[attr-defined]
    return cython.cast(cython.p_double, address)  # type: ignore[no-any-return]


@cython.cfunc
def _stamps(column: object, first: cython.Py_ssize_t) -> cython.p_longlong:
    address: cython.size_t = column.ctypes.data - 8 * first  # type: ignore[attr-defined]
    return cython.cast(cython.p_longlong, address)  # type: ignore[no-any-return]


@cython.cfunc
def _flags(column: object, first: cython.Py_ssize_t) -> cython.p_uchar:
    address: cython.size_t = column.ctypes.data - first  # type: ignore[attr-defined]
    return cython.cast(cython.p_uchar, address)  # type: ignore[no-any-return]
