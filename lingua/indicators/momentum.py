"""How fast prices move: changes, relative strength, and differences of averages."""

from __future__ import annotations

from typing import Any

from lingua.arrays import np
from lingua.indicators import walks
from lingua.indicators.averages import (
    KINDS,
    Chain,
    Efficiency,
    average_settle,
    chain_settle,
    ema_kernel,
    kind_of_average,
)
from lingua.indicators.declaration import OutputSpec
from lingua.indicators.declare import (
    CLOSE,
    HIGH,
    LOW,
    OPEN,
    PERCENT,
    PLAIN,
    PRICE,
    SIGNED,
    VOLUME,
    Calculation,
    after,
    ema_alpha,
    indicator,
    length,
    settle_of,
    wilder_settle,
)
from lingua.indicators.kernel import COMPILED, first_known
from lingua.indicators.kernels import Lag, Skip, Smoother, Strength
from lingua.indicators.kernels_windows import LinearMean, Mean, Sum
from lingua.indicators.pointwise import are_columns, greater, magnitude, mid, ratio

GROUP = "momentum"
walks_over: Any = walks  # its signatures are Cython's
ACHELIS = "S. B. Achelis, Technical Analysis from A to Z (2000)"
APPEL = "G. Appel, Technical Analysis: Power Tools for Active Investors (2005), ch. 8"
WILDER = "J. W. Wilder, New Concepts in Technical Trading Systems (1978)"


# --- changes -----------------------------------------------------------------------------------------


@indicator(
    "change",
    parameters=(length(1),),
    lookback=after,
    group=GROUP,
    formula="source - source[length]",
    source=ACHELIS,
)
@indicator(
    "mom",
    "MOM",
    parameters=(length(10),),
    lookback=after,
    group=GROUP,
    formula="source - source[length]",
    source=ACHELIS,
)
class Change(Calculation):
    """Change over so many bars."""

    def __init__(self, length: int) -> None:
        self.before = Lag(length)

    def __call__(self, x: Any) -> Any:
        return x - self.before(x)


@indicator(
    "roc",
    "ROC",
    parameters=(length(10),),
    outputs=(PLAIN,),
    lookback=after,
    group=GROUP,
    formula="100 * (source - source[length]) / source[length]",
    source=ACHELIS,
)
class Roc(Calculation):
    """Rate of change in percent."""

    def __init__(self, length: int) -> None:
        self.before, self.length = Lag(length), length

    def __call__(self, x: Any) -> Any:
        if are_columns(x, x) and (first := first_known(x)) >= 0:
            out = np.empty(len(x))
            out[:first] = np.nan
            walks_over.change_share(x[first:], self.length, 100.0, out[first:])
            return out
        before = self.before(x)
        return ratio(100.0 * (x - before), before)


class Relative(Calculation):
    """x / x[length], less `less`, times `scale`."""

    def __init__(self, length: int, less: float, scale: float) -> None:
        self.before, self.less, self.scale = Lag(length), less, scale

    def __call__(self, x: Any) -> Any:
        before = self.before(x)
        return ratio(x - before, before) if self.less else ratio(x, before) * self.scale


indicator(
    "rocp",
    "ROCP",
    parameters=(length(10),),
    outputs=(PLAIN,),
    lookback=after,
    group=GROUP,
    source=ACHELIS,
    formula="(source - source[length]) / source[length]",
    summary="Rate of change as a share.",
)(lambda length: Relative(length, 1.0, 1.0))
indicator(
    "rocr",
    "ROCR",
    parameters=(length(10),),
    outputs=(PLAIN,),
    lookback=after,
    group=GROUP,
    source=ACHELIS,
    formula="source / source[length]",
    summary="Rate of change as a ratio.",
)(lambda length: Relative(length, 0.0, 1.0))
indicator(
    "rocr100",
    "ROCR100",
    parameters=(length(10),),
    outputs=(PLAIN,),
    lookback=after,
    group=GROUP,
    source=ACHELIS,
    formula="100 * source / source[length]",
    summary="Rate of change as a ratio in percent.",
)(lambda length: Relative(length, 0.0, 100.0))


@indicator(
    "er",
    "ER",
    "efficiency",
    parameters=(length(10),),
    outputs=(OutputSpec("value", "none", 0.0, 1.0),),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="abs(source - source[length]) / sum of abs(source - source[1]) over length",
    source="P. J. Kaufman, Smarter Trading (1995), ch. 7",
)
class EfficiencyRatio(Efficiency):
    """Kaufman's efficiency ratio: how straight the path was."""


@indicator(
    "coppock",
    "COPPOCK",
    parameters=(length(10, 1, "smooth"), length(11, 1, "first"), length(14, 1, "second")),
    outputs=(PLAIN,),
    lookback=lambda smooth, first, second: max(first, second) + smooth - 1,
    is_local=True,
    group=GROUP,
    formula="wma(roc(source, first) + roc(source, second), smooth)",
    source="E. S. C. Coppock, Barron's (1962-10-15)",
)
class Coppock(Calculation):
    """Coppock curve."""

    def __init__(self, smooth: int, first: int, second: int) -> None:
        self.first, self.second, self.smoother = Roc(first), Roc(second), LinearMean(smooth)

    def __call__(self, x: Any) -> Any:
        return self.smoother(self.first(x) + self.second(x))


# --- relative strength -------------------------------------------------------------------------------


@indicator(
    "rsi",
    "RSI",
    parameters=(length(14),),
    outputs=(PERCENT,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * rma(rises) / (rma(rises) + rma(falls)); na while nothing has moved",
    source=f"{WILDER}, p. 65",
)
class Rsi(Calculation):
    """Relative strength index."""

    def __init__(self, length: int) -> None:
        self.strength = Strength(length)

    def __call__(self, x: Any) -> Any:
        if COMPILED and isinstance(x, np.ndarray):
            return self.strength.share(x)
        rises, falls = self.strength(x)
        return ratio(100.0 * rises, rises + falls)


@indicator(
    "cmo",
    "CMO",
    parameters=(length(14),),
    outputs=(SIGNED,),
    lookback=after,
    settle=wilder_settle,
    group=GROUP,
    formula="100 * (rma(rises) - rma(falls)) / (rma(rises) + rma(falls))",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994), ch. 5; smoothed as in TA-Lib",
)
class Cmo(Calculation):
    """Chande momentum oscillator."""

    def __init__(self, length: int) -> None:
        self.strength = Strength(length)

    def __call__(self, x: Any) -> Any:
        rises, falls = self.strength(x)
        return ratio(100.0 * (rises - falls), rises + falls)


@indicator(
    "cmou",
    "CMOU",
    parameters=(length(14),),
    outputs=(SIGNED,),
    lookback=after,
    is_local=True,
    group=GROUP,
    formula="100 * (sum(rises) - sum(falls)) / (sum(rises) + sum(falls))",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994), ch. 5",
)
class Cmou(Calculation):
    """Chande momentum oscillator over plain sums."""

    def __init__(self, length: int) -> None:
        self.before, self.rises, self.falls = Lag(1), Sum(length), Sum(length)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        rises, falls = self.rises(greater(change, 0.0)), self.falls(greater(-change, 0.0))
        return ratio(100.0 * (rises - falls), rises + falls)


@indicator(
    "imi",
    "IMI",
    inputs=(OPEN, CLOSE),
    parameters=(length(14),),
    outputs=(PERCENT,),
    is_local=True,
    group=GROUP,
    formula="100 * sum(max(close - open, 0)) / sum(abs(close - open))",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994)",
)
class Imi(Calculation):
    """Intraday momentum index."""

    def __init__(self, length: int) -> None:
        self.up, self.down = Sum(length), Sum(length)

    def __call__(self, open: Any, close: Any) -> Any:
        up, down = self.up(greater(close - open, 0.0)), self.down(greater(open - close, 0.0))
        return ratio(100.0 * up, up + down)


def tsi_lookback(slow: int, fast: int) -> int:
    return slow + fast - 1


def tsi_settle(slow: int, fast: int) -> int:
    return settle_of(ema_alpha(slow)) + settle_of(ema_alpha(fast))


@indicator(
    "tsi",
    "TSI",
    parameters=(length(25, 1, "slow"), length(13, 1, "fast")),
    outputs=(SIGNED,),
    lookback=tsi_lookback,
    settle=tsi_settle,
    group=GROUP,
    formula="100 * ema(ema(change, slow), fast) / ema(ema(abs(change), slow), fast)",
    source="W. Blau, Momentum, Direction, and Divergence (1995)",
)
class Tsi(Calculation):
    """True strength index."""

    def __init__(self, slow: int, fast: int) -> None:
        self.before = Lag(1)
        self.moves, self.moves_again = ema_kernel(slow), ema_kernel(fast)
        self.sizes, self.sizes_again = ema_kernel(slow), ema_kernel(fast)

    def __call__(self, x: Any) -> Any:
        change = x - self.before(x)
        moves = self.moves_again(self.moves(change))
        return ratio(100.0 * moves, self.sizes_again(self.sizes(magnitude(change))))


# --- differences of averages -------------------------------------------------------------------------


class Oscillator(Calculation):
    """A fast and a slow average: (their distance, the slow one)."""

    def __init__(self, fast: int, slow: int, average: str) -> None:
        self.fast, self.slow = KINDS[average][0](fast), KINDS[average][0](slow)

    def both(self, x: Any) -> tuple[Any, Any]:
        slow = self.slow(x)
        return self.fast(x) - slow, slow


def oscillator_lookback(fast: int, slow: int, average: str = "ema", **_: Any) -> int:
    return max(KINDS[average][1](fast), KINDS[average][1](slow))


def oscillator_settle(fast: int, slow: int, average: str = "ema", **_: Any) -> int:
    return max(average_settle(average, fast), average_settle(average, slow))


FAST_SLOW = (length(12, 1, "fast"), length(26, 1, "slow"))


@indicator(
    "apo",
    "APO",
    parameters=(*FAST_SLOW, kind_of_average("ema")),
    lookback=oscillator_lookback,
    settle=oscillator_settle,
    group=GROUP,
    formula="average(source, fast) - average(source, slow)",
    source=APPEL,
)
class Apo(Oscillator):
    """Absolute price oscillator."""

    def __call__(self, x: Any) -> Any:
        return self.both(x)[0]


class Percentage(Oscillator):
    def __call__(self, x: Any) -> Any:
        distance, slow = self.both(x)
        return ratio(100.0 * distance, slow)

    def whole(self, x: Any) -> Any:
        distance, slow = self.both(x)
        walks_over.share(distance, slow, 100.0, distance)
        return distance


PERCENTAGE = "100 * (average(x, fast) - average(x, slow)) / average(x, slow)"
indicator(
    "ppo",
    "PPO",
    parameters=(*FAST_SLOW, kind_of_average("ema")),
    outputs=(PLAIN,),
    lookback=oscillator_lookback,
    settle=oscillator_settle,
    group=GROUP,
    formula=f"{PERCENTAGE}; x = source",
    source=APPEL,
    summary="Percentage price oscillator.",
)(Percentage)
indicator(
    "pvo",
    "PVO",
    inputs=(VOLUME,),
    parameters=(*FAST_SLOW, kind_of_average("ema")),
    outputs=(PLAIN,),
    lookback=oscillator_lookback,
    settle=oscillator_settle,
    group="volume",
    formula=f"{PERCENTAGE}; x = volume",
    source=ACHELIS,
    summary="Percentage volume oscillator.",
)(Percentage)


def macd_lookback(fast: int, slow: int, signal: int) -> int:
    return max(fast, slow) + signal - 2


def macd_settle(fast: int, slow: int, signal: int) -> int:
    return settle_of(ema_alpha(max(fast, slow))) + settle_of(ema_alpha(signal))


LINES = (OutputSpec("macd", "u0"), OutputSpec("signal", "u0"), OutputSpec("hist", "u0"))


class Lines(Calculation):
    """Two smoothed lines that begin on one bar, their distance, and its exponential average."""

    def __init__(self, fast: Smoother, fast_length: int, slow: Smoother, slow_length: int, signal: int) -> None:
        most = max(fast_length, slow_length)
        self.fast_start, self.slow_start = Skip(most - fast_length), Skip(most - slow_length)
        self.fast, self.slow, self.signal = fast, slow, ema_kernel(signal)

    def __call__(self, x: Any) -> tuple[Any, Any, Any]:
        line = self.fast(self.fast_start(x)) - self.slow(self.slow_start(x))
        signal = self.signal(line)
        return line, signal, line - signal


indicator(
    "macd",
    "MACD",
    parameters=(*FAST_SLOW, length(9, 1, "signal")),
    outputs=LINES,
    lookback=macd_lookback,
    settle=macd_settle,
    group=GROUP,
    source=APPEL,
    summary="Moving average convergence divergence.",
    formula="macd = ema(source, fast) - ema(source, slow), both begun so that their first values fall on one bar; "
    "signal = ema(macd, signal); hist = macd - signal",
)(lambda fast, slow, signal: Lines(ema_kernel(fast), fast, ema_kernel(slow), slow, signal))
indicator(
    "macdfix",
    "MACDFIX",
    parameters=(length(9, 1, "signal"),),
    outputs=LINES,
    lookback=lambda signal: 24 + signal,
    settle=lambda signal: settle_of(0.075) + settle_of(ema_alpha(signal)),
    group=GROUP,
    source=APPEL,
    formula="as macd(source, 12, 26, signal), with the weights 0.15 and 0.075 of Appel's first description",
    summary="Moving average convergence divergence with fixed weights.",
)(lambda signal: Lines(Smoother(12, 0.15), 12, Smoother(26, 0.075), 26, signal))


def macd_ext_lookback(fast: int, slow: int, signal: int, average: str, signal_average: str) -> int:
    return oscillator_lookback(fast, slow, average) + KINDS[signal_average][1](signal)


def macd_ext_settle(fast: int, slow: int, signal: int, average: str, signal_average: str) -> int:
    return oscillator_settle(fast, slow, average) + average_settle(signal_average, signal)


@indicator(
    "macdext",
    "MACDEXT",
    outputs=LINES,
    lookback=macd_ext_lookback,
    settle=macd_ext_settle,
    group=GROUP,
    source=APPEL,
    parameters=(*FAST_SLOW, length(9, 1, "signal"), kind_of_average("sma"), kind_of_average("sma", "signal_average")),
    formula="macd = average(source, fast) - average(source, slow); signal = signal_average(macd, signal); "
    "hist = macd - signal",
)
class MacdExt(Oscillator):
    """Moving average convergence divergence of averages to be chosen."""

    def __init__(self, fast: int, slow: int, signal: int, average: str, signal_average: str) -> None:
        super().__init__(fast, slow, average)
        self.signal = KINDS[signal_average][0](signal)

    def __call__(self, x: Any) -> tuple[Any, Any, Any]:
        line = self.both(x)[0]
        signal = self.signal(line)
        return line, signal, line - signal


@indicator(
    "trix",
    "TRIX",
    parameters=(length(30),),
    outputs=(PLAIN,),
    lookback=lambda length: 3 * (length - 1) + 1,
    settle=chain_settle(3),
    group=GROUP,
    formula="roc(ema(ema(ema(source))), 1)",
    source="J. K. Hutson, Technical Analysis of Stocks & Commodities 1:5 (1983)",
)
class Trix(Chain):
    """Rate of change of a triple exponential average, in percent."""

    def __init__(self, length: int) -> None:
        super().__init__(3, length)
        self.rate = Roc(1)

    def __call__(self, x: Any) -> Any:
        return self.rate(self.all(x)[2])

    def whole(self, x: Any) -> Any:
        return self.rate(self.last(x))


class Awesome(Calculation):
    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = Mean(fast), Mean(slow)

    def __call__(self, high: Any, low: Any) -> Any:
        middle = mid(high, low)
        return self.fast(middle) - self.slow(middle)


WILLIAMS = "B. Williams, New Trading Dimensions (1998)"
AO_PARAMETERS = (length(5, 1, "fast"), length(34, 1, "slow"))


@indicator(
    "ao",
    "AO",
    inputs=(HIGH, LOW),
    parameters=AO_PARAMETERS,
    outputs=(PRICE,),
    lookback=lambda fast, slow: max(fast, slow) - 1,
    is_local=True,
    group=GROUP,
    formula="sma(hl2, fast) - sma(hl2, slow)",
    source=WILLIAMS,
)
class AwesomeOscillator(Awesome):
    """Awesome oscillator."""


@indicator(
    "ac",
    "AC",
    inputs=(HIGH, LOW),
    parameters=(*AO_PARAMETERS, length(5, 1, "signal")),
    outputs=(PRICE,),
    lookback=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    is_local=True,
    group=GROUP,
    formula="ao(fast, slow) - sma(ao(fast, slow), signal)",
    source=WILLIAMS,
)
class Accelerator(Calculation):
    """Accelerator oscillator."""

    def __init__(self, fast: int, slow: int, signal: int) -> None:
        self.awesome, self.signal = Awesome(fast, slow), Mean(signal)

    def __call__(self, high: Any, low: Any) -> Any:
        value = self.awesome(high, low)
        return value - self.signal(value)


@indicator(
    "dpo",
    "DPO",
    parameters=(length(20),),
    is_local=True,
    group=GROUP,
    lookback=lambda length: max(length - 1, length // 2 + 1),
    formula="source[length / 2 + 1] - sma(source, length)",
    source=ACHELIS,
)
class Dpo(Calculation):
    """Detrended price oscillator."""

    def __init__(self, length: int) -> None:
        self.before, self.mean = Lag(length // 2 + 1), Mean(length)

    def __call__(self, x: Any) -> Any:
        return self.before(x) - self.mean(x)


@indicator(
    "qstick",
    "QSTICK",
    inputs=(OPEN, CLOSE),
    parameters=(length(10),),
    outputs=(PRICE,),
    is_local=True,
    group=GROUP,
    formula="sma(close - open, length)",
    source="T. S. Chande, S. Kroll, The New Technical Trader (1994)",
)
class Qstick(Calculation):
    """Mean body of the last bars."""

    def __init__(self, length: int) -> None:
        self.mean = Mean(length)

    def __call__(self, open: Any, close: Any) -> Any:
        return self.mean(close - open)


@indicator(
    "bop",
    "BOP",
    inputs=(OPEN, HIGH, LOW, CLOSE),
    outputs=(OutputSpec("value", "none", -1.0, 1.0),),
    group=GROUP,
    lookback=lambda: 0,
    formula="(close - open) / (high - low); na in a bar without range",
    source="I. Livshin, Technical Analysis of Stocks & Commodities 19:8 (2001)",
)
class Bop(Calculation):
    """Balance of power."""

    def __call__(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        return ratio(close - open, high - low)

    def whole(self, open: Any, high: Any, low: Any, close: Any) -> Any:
        out = np.empty(len(close))
        walks_over.place(close, open, high, low, 1.0, out)
        return out


@indicator(
    "eri",
    "ERI",
    inputs=(HIGH, LOW, CLOSE),
    parameters=(length(13),),
    outputs=(OutputSpec("bull", "price"), OutputSpec("bear", "price")),
    settle=lambda length: settle_of(ema_alpha(length)),
    group=GROUP,
    formula="bull = high - ema(close, length); bear = low - ema(close, length)",
    source="A. Elder, Trading for a Living (1993)",
)
class ElderRay(Calculation):
    """Elder ray: bull and bear power."""

    def __init__(self, length: int) -> None:
        self.average = ema_kernel(length)

    def __call__(self, high: Any, low: Any, close: Any) -> tuple[Any, Any]:
        average = self.average(close)
        return high - average, low - average
