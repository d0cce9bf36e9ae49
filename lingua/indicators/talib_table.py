"""TA-Lib's functions that the library takes from TA-Lib: the Hilbert transforms, a few recursions, the candle patterns.

Lookbacks are written here so that checking a program does not load TA-Lib; the tests hold them to TA-Lib's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lingua.indicators.declaration import IndicatorSpec, Input, OutputSpec, Parameter
from lingua.indicators.declare import (
    CLOSE,
    HIGH,
    LIBRARY,
    LOW,
    OPEN,
    SOURCE,
    anchored,
    length,
    none,
    number,
    settle_of,
)
from lingua.indicators.talib_forms import TalibForm, batch

EHLERS = "J. F. Ehlers, Rocket Science for Traders (2001)"
BULKOWSKI = "T. N. Bulkowski, Encyclopedia of Candlestick Charts (2008); as in TA-Lib"


def declare(
    name: str,
    function: str,
    summary: str,
    *,
    group: str,
    inputs: tuple[Input, ...],
    outputs: tuple[OutputSpec, ...],
    lookback: Callable[..., int],
    settle: Callable[..., int] = none,
    parameters: tuple[tuple[str, Parameter], ...] = (),
    formula: str,
    source: str,
    aliases: tuple[str, ...] = (),
) -> None:
    """`parameters`: TA-Lib's name and ours of each."""
    theirs = {ours.name: their for their, ours in parameters}
    width = len(outputs)

    def translated(given: dict[str, Any]) -> dict[str, Any]:
        return {theirs[key]: value for key, value in given.items()}

    def in_batch(*columns: Any, **given: Any) -> Any:
        return batch(function, columns, translated(given), lookback(**given), width)

    def incremental(**given: Any) -> TalibForm:
        return TalibForm(function, translated(given), lookback(**given), width)

    LIBRARY[name] = IndicatorSpec(
        name,
        inputs,
        tuple(ours for _, ours in parameters),
        outputs,
        lookback,
        settle,
        in_batch,
        incremental,
        formula,
        source,
        summary,
        group,
        tuple(dict.fromkeys((function, *aliases))),
        cost=lambda **_: 60,
        memory=lambda **_: 80,
    )


# --- cycles ------------------------------------------------------------------------------------------

HILBERT_SETTLE = 250
"""Bars after which the start of the adaptive filters weighs less than 1e-6, measured on random walks."""


def of_cycle(name: str, summary: str, outputs: tuple[OutputSpec, ...], lookback: int) -> None:
    declare(
        name,
        name.upper(),
        summary,
        group="cycles",
        inputs=(SOURCE,),
        outputs=outputs,
        lookback=lambda: lookback,
        settle=lambda: HILBERT_SETTLE,
        formula="by Hilbert transform of the smoothed source",
        source=EHLERS,
    )


of_cycle("ht_dcperiod", "Period of the dominant cycle.", (OutputSpec("value", "bars", 0.0),), 32)
of_cycle("ht_dcphase", "Phase of the dominant cycle in degrees.", (OutputSpec("value", "none"),), 63)
of_cycle(
    "ht_phasor", "Phasor of the dominant cycle.", (OutputSpec("inphase", "u0"), OutputSpec("quadrature", "u0")), 32
)
of_cycle(
    "ht_sine",
    "Sine of the dominant cycle's phase, and 45 degrees ahead.",
    (OutputSpec("sine", "none", -1.0, 1.0), OutputSpec("lead", "none", -1.0, 1.0)),
    63,
)
of_cycle(
    "ht_trendmode", "Whether the market trends (1) or cycles (0).", (OutputSpec("value", "none", 0.0, 1.0, "int"),), 63
)
of_cycle("ht_trendline", "Trend with the dominant cycle taken out.", (OutputSpec("value", "u0"),), 63)

declare(
    "mama",
    "MAMA",
    "MESA adaptive moving average, and the average that follows it.",
    group="averages",
    inputs=(SOURCE,),
    outputs=(OutputSpec("mama", "u0"), OutputSpec("fama", "u0")),
    lookback=lambda fast, slow: 32,
    settle=lambda fast, slow: HILBERT_SETTLE + 2 * settle_of(slow / 2.0),
    source=EHLERS,
    parameters=(("fastlimit", number("fast", 0.5, 0.01, 0.99)), ("slowlimit", number("slow", 0.05, 0.01, 0.99))),
    formula="v + weight * (source - v), the weight between `slow` and `fast` by the rate of change of the phase",
)

# --- others ------------------------------------------------------------------------------------------

declare(
    "sarext",
    "SAREXT",
    "Parabolic stop and reverse with its own rates for either side; negative while short.",
    group="trend",
    inputs=(HIGH, LOW),
    outputs=(OutputSpec("value", "price"),),
    lookback=lambda **_: 1,
    settle=anchored,
    parameters=(
        ("startvalue", number("start", 0.0, -1e6)),
        ("offsetonreverse", number("offset", 0.0)),
        ("accelerationinitlong", number("long_first", 0.02)),
        ("accelerationlong", number("long_step", 0.02)),
        ("accelerationmaxlong", number("long_most", 0.2)),
        ("accelerationinitshort", number("short_first", 0.02)),
        ("accelerationshort", number("short_step", 0.02)),
        ("accelerationmaxshort", number("short_most", 0.2)),
    ),
    formula="as sar, begun at `start` (0: as sar does), the stop moved by `offset` of itself at each turn",
    source="J. W. Wilder, New Concepts in Technical Trading Systems (1978), p. 9; as in TA-Lib",
)
declare(
    "fractal",
    "FRACTAL",
    "Swing points, told on the bar that confirms them.",
    group="windows",
    inputs=(HIGH, LOW),
    outputs=(OutputSpec("swing_high", "none", kind="int"), OutputSpec("swing_low", "none", kind="int")),
    lookback=lambda left, right: left + right,
    parameters=(("leftbars", length(2, 1, "left")), ("rightbars", length(2, 1, "right"))),
    formula="100 (-100) when the high (low) `right` bars ago exceeds (is below) the `left` before and `right` after",
    source="B. Williams, Trading Chaos (1995); as in TA-Lib",
)

# --- candles -----------------------------------------------------------------------------------------

CANDLES: dict[str, tuple[str, int]] = {
    # name without its prefix: what it is, lookback
    "2crows": ("Two crows", 12),
    "3blackcrows": ("Three black crows", 13),
    "3inside": ("Three inside up or down", 12),
    "3linestrike": ("Three-line strike", 8),
    "3outside": ("Three outside up or down", 3),
    "3starsinsouth": ("Three stars in the south", 12),
    "3whitesoldiers": ("Three advancing white soldiers", 12),
    "abandonedbaby": ("Abandoned baby", 12),
    "advanceblock": ("Advance block", 12),
    "belthold": ("Belt hold", 10),
    "breakaway": ("Breakaway", 14),
    "closingmarubozu": ("Closing marubozu", 10),
    "concealbabyswall": ("Concealing baby swallow", 13),
    "counterattack": ("Counterattack", 11),
    "darkcloudcover": ("Dark cloud cover", 11),
    "doji": ("Doji", 10),
    "dojistar": ("Doji star", 11),
    "dragonflydoji": ("Dragonfly doji", 10),
    "engulfing": ("Engulfing", 2),
    "eveningdojistar": ("Evening doji star", 12),
    "eveningstar": ("Evening star", 12),
    "gapsidesidewhite": ("Side-by-side white lines after a gap", 7),
    "gravestonedoji": ("Gravestone doji", 10),
    "hammer": ("Hammer", 11),
    "hangingman": ("Hanging man", 11),
    "harami": ("Harami", 11),
    "haramicross": ("Harami cross", 11),
    "highwave": ("High wave", 10),
    "hikkake": ("Hikkake", 5),
    "hikkakemod": ("Modified hikkake", 10),
    "homingpigeon": ("Homing pigeon", 11),
    "identical3crows": ("Identical three crows", 12),
    "inneck": ("In-neck", 11),
    "invertedhammer": ("Inverted hammer", 11),
    "kicking": ("Kicking", 11),
    "kickingbylength": ("Kicking, its side that of the longer marubozu", 11),
    "ladderbottom": ("Ladder bottom", 14),
    "longleggeddoji": ("Long-legged doji", 10),
    "longline": ("Long line", 10),
    "marubozu": ("Marubozu", 10),
    "matchinglow": ("Matching low", 6),
    "mathold": ("Mat hold", 14),
    "morningdojistar": ("Morning doji star", 12),
    "morningstar": ("Morning star", 12),
    "onneck": ("On-neck", 11),
    "piercing": ("Piercing", 11),
    "rickshawman": ("Rickshaw man", 10),
    "risefall3methods": ("Rising or falling three methods", 14),
    "separatinglines": ("Separating lines", 11),
    "shootingstar": ("Shooting star", 11),
    "shortline": ("Short line", 10),
    "spinningtop": ("Spinning top", 10),
    "stalledpattern": ("Stalled pattern", 12),
    "sticksandwich": ("Stick sandwich", 7),
    "takuri": ("Takuri", 10),
    "tasukigap": ("Tasuki gap", 7),
    "thrusting": ("Thrusting", 11),
    "tristar": ("Tristar", 12),
    "unique3river": ("Unique three river", 12),
    "upsidegap2crows": ("Upside gap two crows", 12),
    "xsidegap3methods": ("Three methods after a gap up or down", 2),
}
PENETRATING = {
    "abandonedbaby": 0.3,
    "darkcloudcover": 0.5,
    "eveningdojistar": 0.3,
    "eveningstar": 0.3,
    "mathold": 0.5,
    "morningdojistar": 0.3,
    "morningstar": 0.3,
}
"""Patterns that ask how far one body reaches into another, and the usual share."""


def candle(name: str, summary: str, lookback: int) -> None:
    penetration = (("penetration", number("penetration", PENETRATING[name])),) if name in PENETRATING else ()
    declare(
        f"cdl_{name}",
        f"CDL{name.upper()}",
        f"{summary}: 100 when bullish, -100 when bearish, 0 when absent.",
        group="candles",
        inputs=(OPEN, HIGH, LOW, CLOSE),
        outputs=(OutputSpec("value", "none", -200.0, 200.0, "int"),),
        lookback=lambda **_: lookback,
        settle=lambda **_: CANDLE_SETTLE,
        parameters=penetration,
        formula="bodies, shadows and gaps compared with their means over the last 5 or 10 bars",
        source=BULKOWSKI,
        aliases=(f"cdl{name}",),
    )


CANDLE_SETTLE = 0

for _name, (_summary, _lookback) in CANDLES.items():
    candle(_name, _summary, _lookback)
