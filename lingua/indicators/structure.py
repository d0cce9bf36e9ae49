"""The shape of the market: swings and turns once they are confirmed, whole periods, levels drawn from them.

Nothing here is known before the bar that shows it: a swing is told `right` bars after it, a turn when the price has
come back far enough, a period when the next one begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lingua.indicators.declaration import Input, OutputSpec
from lingua.indicators.declare import (
    CLOSE,
    CONDITION,
    HIGH,
    LOW,
    OPEN,
    SOURCE,
    Calculation,
    anchored,
    choice,
    indicator,
    length,
    none,
    number,
)
from lingua.indicators.kernels import Extreme, Lag, ValueWhen
from lingua.indicators.kernels_structure import Periods, SignRun, Turns
from lingua.indicators.pointwise import choose, truth

GROUP = "structure"
WHOLE = (OPEN, HIGH, LOW, CLOSE)
NEW_PERIOD = Input("new_period", "none", "bool")
NEW_SESSION = Input("new_session", "none", "bool")
DIRECTION = OutputSpec("trend", "none", -1.0, 1.0, "int")


# --- swings ------------------------------------------------------------------------------------------


class Swing(Calculation):
    """The last two confirmed swings: values above (`sign` 1) or below (-1) the `left` before them that none of the
    `right` after them exceeds."""

    def __init__(self, left: int, right: int, sign: float) -> None:
        self.sign, self.candidate, self.earlier = sign, Lag(right), Lag(right + 1)
        self.before, self.after = Extreme(left, sign), Extreme(right, sign)
        self.last, self.second = ValueWhen(0), ValueWhen(1)

    def __call__(self, x: Any) -> tuple[Any, Any]:
        candidate, before, after = self.candidate(x), self.earlier(self.before(x)), self.after(x)
        is_swing = (self.sign * candidate > self.sign * before) & (self.sign * candidate >= self.sign * after)
        told = truth(is_swing, before, after)
        return self.last(told, candidate), self.second(told, candidate)


@indicator(
    "swings",
    inputs=(HIGH, LOW),
    parameters=(length(5, 1, "left"), length(5, 1, "right")),
    outputs=(
        OutputSpec("high", "price"),
        OutputSpec("low", "price"),
        OutputSpec("high_step", "price"),
        OutputSpec("low_step", "price"),
        DIRECTION,
    ),
    lookback=lambda left, right: left + right,
    settle=anchored,
    group=GROUP,
    formula="high: the last high that exceeds the left before it and that none of the right after it exceeds, told "
    "right bars later; high_step: its distance from the one before (positive: a higher high); low, low_step "
    "likewise; trend: 1 higher high and higher low, -1 lower high and lower low, else 0; na until there were such",
    source="R. D. Edwards, J. Magee, Technical Analysis of Stock Trends (1948)",
)
class Swings(Calculation):
    """Swing structure: the last confirmed swing high and low, and whether they rise or fall."""

    def __init__(self, left: int, right: int) -> None:
        self.tops, self.bottoms = Swing(left, right, 1.0), Swing(left, right, -1.0)

    def __call__(self, high: Any, low: Any) -> tuple[Any, ...]:
        (top, top_before), (bottom, bottom_before) = self.tops(high), self.bottoms(low)
        up, down = top - top_before, bottom - bottom_before
        trend = choose((up > 0.0) & (down > 0.0), 1.0, choose((up < 0.0) & (down < 0.0), -1.0, 0.0))
        return top, bottom, up, down, trend + ((up - up) + (down - down))


class Pivot(Calculation):
    """The value of a swing on the bar that confirms it."""

    def __init__(self, left: int, right: int, sign: float) -> None:
        self.sign, self.candidate, self.earlier = sign, Lag(right), Lag(right + 1)
        self.before, self.after = Extreme(left, sign), Extreme(right, sign)

    def __call__(self, x: Any) -> Any:
        candidate, before, after = self.candidate(x), self.earlier(self.before(x)), self.after(x)
        is_swing = (self.sign * candidate > self.sign * before) & (self.sign * candidate >= self.sign * after)
        return choose(is_swing, candidate, math.nan)


for _name, _word, _sign, _verb in (("pivothigh", "high", 1.0, "exceeds"), ("pivotlow", "low", -1.0, "lies below")):
    indicator(
        _name,
        f"pivot_{_word}",
        parameters=(length(5, 1, "left"), length(5, 1, "right")),
        lookback=lambda left, right: left + right,
        group=GROUP,
        formula=f"source[right] on the bar that confirms it: it {_verb} the left values before it, and none of the "
        f"right after it {_verb} it; na on every other bar",
        source=f"Pine's ta.pivot{_word}",
        summary=f"Pivot {_word}: a swing {_word} on the bar that confirms it, right bars later.",
    )(lambda left, right, sign=_sign: Pivot(left, right, sign))


@indicator(
    "zigzag",
    "ZIGZAG",
    inputs=(HIGH, LOW),
    parameters=(number("percent", 5.0, 0.001, 1000.0),),
    outputs=(
        OutputSpec("point", "price"),
        OutputSpec("side", "none", -1.0, 1.0, "int"),
        OutputSpec("bars", "bars", 0.0, kind="int"),
        OutputSpec("extreme", "price"),
    ),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="point: the last confirmed turn, side: 1 a top, -1 a bottom, bars: since its bar, extreme: the lowest low "
    "(highest high) since then. A top is confirmed when a low lies percent below it, a bottom when a high lies "
    "percent above; a bar that sets a new extreme does not turn; na before the first turn",
    source="A. A. Merrill, Filtered Waves (1977); points count from the bar that confirms them",
)
class Zigzag(Calculation):
    """Zigzag: turns of so many percent, each told on the bar that confirms it and never taken back."""

    def __init__(self, percent: float) -> None:
        self.turns = Turns(percent / 100.0)

    def __call__(self, high: Any, low: Any) -> tuple[Any, ...]:
        point, side, bars, extreme = self.turns(high, low)
        return point, side, bars, extreme


@indicator(
    "td_setup",
    parameters=(length(4),),
    outputs=(OutputSpec("value", "none", kind="int"),),
    lookback=lambda length: length,
    settle=anchored,
    group=GROUP,
    formula="bars in a row on which source > source[length], negative where source < source[length]; "
    "9 completes a sell setup, -9 a buy setup",
    source="T. R. DeMark, The New Science of Technical Analysis (1994)",
)
class TdSetup(Calculation):
    """DeMark's sequential setup: the count of closes beyond the close four bars earlier."""

    def __init__(self, length: int) -> None:
        self.before, self.run = Lag(length), SignRun()

    def __call__(self, x: Any) -> Any:
        return self.run(x - self.before(x))


# --- periods -----------------------------------------------------------------------------------------


class Since(Calculation):
    """`place` 5 the greatest, 6 the least value since the condition last held."""

    def __init__(self, place: int) -> None:
        self.periods, self.place = Periods(), place

    def __call__(self, condition: Any, x: Any) -> Any:
        return self.periods(condition, x, x, x, x)[self.place]


indicator(
    "highest_since",
    inputs=(CONDITION, SOURCE),
    outputs=(OutputSpec("value", "u1"),),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source="the language itself",
    formula="greatest source since the condition last held, that bar included; na before it did",
    summary="Highest value since an event, such as a new session.",
)(lambda: Since(5))
indicator(
    "lowest_since",
    inputs=(CONDITION, SOURCE),
    outputs=(OutputSpec("value", "u1"),),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source="the language itself",
    formula="least source since the condition last held, that bar included; na before it did",
    summary="Lowest value since an event, such as a new session.",
)(lambda: Since(6))


@indicator(
    "previous_period",
    inputs=(NEW_PERIOD, *WHOLE),
    outputs=tuple(OutputSpec(name, "price") for name in ("open", "high", "low", "close")),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source="the language itself",
    formula="open, high, low and close of the bars from one new_period to before the next; na until one is whole",
)
class PreviousPeriod(Calculation):
    """The last whole period between two events, as one bar."""

    def __init__(self) -> None:
        self.periods = Periods()

    def __call__(self, new: Any, open: Any, high: Any, low: Any, close: Any) -> tuple[Any, ...]:
        opened, top, bottom, closed, *_ = self.periods(new, open, high, low, close)
        return opened, top, bottom, closed


@indicator(
    "opening_range",
    inputs=(NEW_SESSION, HIGH, LOW),
    parameters=(length(1),),
    outputs=(OutputSpec("high", "price"), OutputSpec("low", "price")),
    lookback=none,
    settle=anchored,
    group=GROUP,
    source="T. Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout (1990)",
    formula="highest high and lowest low of the session's first length bars, told by the last of them; na before",
)
class OpeningRange(Calculation):
    """Opening range of the session."""

    def __init__(self, length: int) -> None:
        self.length, self.periods, self.top, self.bottom = float(length), Periods(), ValueWhen(0), ValueWhen(0)

    def __call__(self, new: Any, high: Any, low: Any) -> tuple[Any, Any]:
        _, _, _, _, _, top, bottom, count = self.periods(new, high, high, low, low)
        ends = truth(count == self.length, count)
        held_top, held_bottom = self.top(ends, top), self.bottom(ends, bottom)
        return choose(count < self.length, math.nan, held_top), choose(count < self.length, math.nan, held_bottom)


# --- pivot points ------------------------------------------------------------------------------------

Levels = tuple[Any, ...]
"""The pivot, then the resistances R1 to R5, then the supports S1 to S5; NaN where the kind has none."""


def levels(pivot: Any, above: tuple[Any, ...], below: tuple[Any, ...]) -> Levels:
    lost = (math.nan * pivot,) * (5 - len(above))
    return (pivot, *above, *lost, *below, *lost)


def traditional(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    p = (high + low + close) / 3.0
    span = high - low
    above = (
        2.0 * p - low,
        p + span,
        2.0 * p + (high - 2.0 * low),
        3.0 * p + (high - 3.0 * low),
        4.0 * p + (high - 4.0 * low),
    )
    below = (
        2.0 * p - high,
        p - span,
        2.0 * p - (2.0 * high - low),
        3.0 * p - (3.0 * high - low),
        4.0 * p - (4.0 * high - low),
    )
    return levels(p, above, below)


def fibonacci(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    p = (high + low + close) / 3.0
    steps = tuple(share * (high - low) for share in (0.382, 0.618, 1.0))
    return levels(p, tuple(p + step for step in steps), tuple(p - step for step in steps))


def woodie(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    p = (high + low + 2.0 * opened) / 4.0
    span = high - low
    top, bottom = high + 2.0 * (p - low), low - 2.0 * (high - p)
    return levels(
        p,
        (2.0 * p - low, p + span, top, top + span),
        (2.0 * p - high, p - span, bottom, bottom - span),
    )


def classic(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    p = (high + low + close) / 3.0
    span = high - low
    return levels(
        p,
        (2.0 * p - low, p + span, p + 2.0 * span, p + 3.0 * span),
        (2.0 * p - high, p - span, p - 2.0 * span, p - 3.0 * span),
    )


def demark(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    plain = high + low + close
    x = plain + choose(close == open, close, choose(close > open, high, low))
    return levels(x / 4.0, (x / 2.0 - low,), (x / 2.0 - high,))


def camarilla(open: Any, high: Any, low: Any, close: Any, opened: Any) -> Levels:
    p = (high + low + close) / 3.0
    steps = tuple(1.1 * (high - low) / part for part in (12.0, 6.0, 4.0, 2.0))
    last = choose(low == 0.0, math.nan, high / choose(low == 0.0, 1.0, low)) * close
    return levels(p, (*(close + step for step in steps), last), (*(close - step for step in steps), 2.0 * close - last))


PIVOTS: dict[str, Callable[..., Levels]] = {
    "traditional": traditional,
    "fibonacci": fibonacci,
    "woodie": woodie,
    "classic": classic,
    "dm": demark,
    "camarilla": camarilla,
}


@indicator(
    "pivot_points",
    "pivot_point_levels",
    inputs=(NEW_PERIOD, *WHOLE),
    parameters=(choice("kind", "traditional", tuple(PIVOTS)),),
    outputs=tuple(
        OutputSpec(name, "price") for name in ("p", *(f"r{k}" for k in range(1, 6)), *(f"s{k}" for k in range(1, 6)))
    ),
    lookback=none,
    settle=anchored,
    group=GROUP,
    formula="from high H, low L, close C of the last whole period, D = H - L. Traditional and classic: p = (H + L + C) "
    "/ 3, r1 = 2 p - L, s1 = 2 p - H, r2, s2 = p ± D; then traditional r3 = 2 p + H - 2 L, s3 = 2 p - 2 H + L, r4 = "
    "3 p + H - 3 L …, classic p ± 2 D, p ± 3 D. Fibonacci: p ± 0.382, 0.618, 1 times D. Camarilla: C ± 1.1 D / 12, "
    "6, 4, 2, r5 = C * H / L, s5 = 2 C - r5. Woodie: p = (H + L + 2 * the open of this period) / 4, r1 to s2 as "
    "classic, r3 = H + 2 (p - L), s3 = L - 2 (H - p), r4, s4 one D further. Dm: x = H + L + C, plus C, H or L "
    "as the period closed unchanged, up or down; p = x / 4, r1 = x / 2 - L, s1 = x / 2 - H",
    source="J. L. Person, A Complete Guide to Technical Trading Tactics (2004); kinds and levels as in Pine's "
    "ta.pivot_point_levels",
)
class PivotPoints(Calculation):
    """Pivot points of the last whole period: pivot, resistances and supports; na where the kind has fewer."""

    def __init__(self, kind: str) -> None:
        self.periods, self.formula = Periods(), PIVOTS[kind]

    def __call__(self, new: Any, open: Any, high: Any, low: Any, close: Any) -> Levels:
        before_open, top, bottom, closed, opened, *_ = self.periods(new, open, high, low, close)
        return self.formula(before_open, top, bottom, closed, opened)
