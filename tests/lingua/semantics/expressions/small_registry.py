"""A registry of a few declarations, for tests of expressions: no kernels."""

from __future__ import annotations

from lingua.indicators.declaration import ANCHORED, IndicatorSpec, Input, OutputSpec, Parameter


def _nothing(*_: object, **__: object):
    raise AssertionError("tests of expressions never compute")


def spec(name, inputs, parameters, outputs, aliases=(), settle=0):
    return IndicatorSpec(
        name, tuple(inputs), tuple(parameters), tuple(outputs), lookback=lambda **k: 0, settle=lambda **k: settle,
        batch=_nothing, incremental=_nothing, formula="", source="", summary="", group="", aliases=tuple(aliases),
    )  # fmt: skip


X = Input("x")
C = Input("condition", kind="bool")
HIGH, LOW, CLOSE = (Input(n, "price", default=n, is_implicit=True) for n in ("high", "low", "close"))
N = Parameter("length", 20, is_window=True)
U = OutputSpec("value")

SPECS = [
    spec("ema", [X], [N], [U], ["EMA"]),
    spec("sma", [X], [N], [U], ["SMA"]),
    spec("rsi", [X], [Parameter("length", 14)], [OutputSpec("value", "none", 0, 100)], ["RSI"]),
    spec("atr", [HIGH, LOW, CLOSE], [Parameter("length", 14)], [OutputSpec("value", "price", low=0)], ["ATR"]),
    spec("adx", [HIGH, LOW, CLOSE], [Parameter("length", 14)], [OutputSpec("value", "none", 0, 100)], ["ADX"]),
    spec("bbands", [X], [N, Parameter("width", 2.0, 0, 100, "num")],
         [OutputSpec(n) for n in ("upper", "middle", "lower")]),
    spec("macd", [X], [Parameter("fast", 12), Parameter("slow", 26), Parameter("signal", 9)],
         [OutputSpec(n) for n in ("macd", "signal", "hist")]),
    spec("highest", [X], [N], [U]),
    spec("lowest", [X], [N], [U]),
    spec("sum", [X], [N], [U]),
    spec("stddev", [X], [N], [U]),
    spec("var", [X], [N], [OutputSpec("value", "u0*u0")]),
    spec("cov", [X, Input("y")], [N], [OutputSpec("value", "u0*u1")]),
    spec("correl", [X, Input("y")], [N], [OutputSpec("value", "none", -1, 1)]),
    spec("linearreg_slope", [X], [N], [OutputSpec("value", "u0/bars")]),
    spec("linearreg", [X], [N], [U]),
    spec("obv", [Input("price", "price", default="close", is_implicit=True),
                 Input("volume", "qty", default="volume", is_implicit=True)], [],
         [OutputSpec("value", "qty")], settle=ANCHORED),
    spec("count", [C], [N], [OutputSpec("value", "none", kind="int")]),
    spec("bars_since", [C], [], [OutputSpec("value", "bars", 0, kind="int")], settle=ANCHORED),
    spec("value_when", [C, X], [Parameter("n", 0, 0)], [OutputSpec("value", "u1")], settle=ANCHORED),
    spec("ma", [X], [N, Parameter("kind", "sma", kind="choice", choices=("sma", "ema"))], [U]),
    spec("mfi", [HIGH, LOW, CLOSE, Input("volume", "qty", default="volume", is_implicit=True)],
         [Parameter("length", 14)], [OutputSpec("value", "none", 0, 100)]),
    spec("keltner", [HIGH, LOW, CLOSE], [N, Parameter("width", 1.5, 0, 100, "num")],
         [OutputSpec(n, "price") for n in ("upper", "middle", "lower")]),
    spec("cross_above", [Input("a"), Input("b")], [], [OutputSpec("value", "none", kind="bool")]),
    spec("cross_below", [Input("a"), Input("b")], [], [OutputSpec("value", "none", kind="bool")]),
    spec("cross", [Input("a"), Input("b")], [], [OutputSpec("value", "none", kind="bool")]),
    spec("cdl_engulfing", [HIGH, LOW, CLOSE], [], [OutputSpec("value", "none", -100, 100, "int")], ["CDLENGULFING"]),
]  # fmt: skip
BY_NAME = {name: each for each in SPECS for name in (each.name, *each.aliases)}


def lookup(name: str) -> IndicatorSpec | None:
    return BY_NAME.get(name)


def names() -> tuple[str, ...]:
    return tuple(each.name for each in SPECS)
