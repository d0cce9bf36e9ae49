"""Words of other platforms, each with what says the same in Lingua.

Nothing here is accepted: the tables serve messages. In a template `{0}` is the first argument, `{1:20}` the second or
20, `{all}` all of them, and `{1:tf}` the second as a timeframe.
"""

from __future__ import annotations

from functools import cache

PINE, EASY, THINK, PANDAS, PYTHON, AMI, MQL = (
    "Pine", "EasyLanguage", "thinkScript", "pandas", "Python", "AmiBroker", "MQL"
)  # fmt: skip

NEW_DAY = "day(time) != day(time[1])"

OTHER = "another platform's word"

CALLS: dict[str, tuple[str, str]] = {
    "nz": (PINE, "{0} ?? 0"),
    "iff": (PINE, "if {0} then {1} else {2}"),
    "barssince": (PINE, "bars_since({0})"),
    "valuewhen": (PINE, "value_when({0}, {1}, {2:0})"),
    "crossover": (PINE, "{0} crosses above {1}"),
    "crossunder": (PINE, "{0} crosses below {1}"),
    "stdev": (PINE, "stddev({all})"),
    "variance": (PINE, "var({all})"),
    "wpr": (PINE, "willr({all})"),
    "fixnan": (PINE, "value_when({0} is not na, {0}, 0)"),
    "pow": (PINE, "{0} ^ {1}"),
    "security": (PINE, "{2}@{1:tf}"),
    "Average": (EASY, "sma({all})"),
    "AverageFC": (EASY, "sma({all})"),
    "XAverage": (EASY, "ema({all})"),
    "WAverage": (EASY, "wma({all})"),
    "AvgTrueRange": (EASY, "atr({all})"),
    "Summation": (EASY, "sum({all})"),
    "StandardDev": (EASY, "stddev({0}, {1:20})"),
    "LinearRegValue": (EASY, "linearreg({0}, {1:20})"),
    "AbsVal": (EASY, "abs({all})"),
    "HighD": (EASY, "high[{0:1}]@1d"),
    "LowD": (EASY, "low[{0:1}]@1d"),
    "OpenD": (EASY, "open[{0:1}]@1d"),
    "CloseD": (EASY, "close[{0:1}]@1d"),
    "MRO": (EASY, "bars_since({0})"),
    "BarsSinceEntry": (EASY, "bars_in_trade"),
    "EntryPrice": (EASY, "entry"),
    "MarketPosition": (EASY, "position"),
    "ExpAverage": (THINK, "ema({all})"),
    "MovAvgExponential": (THINK, "ema({all})"),
    "SimpleMovingAvg": (THINK, "sma({all})"),
    "WildersAverage": (THINK, "rma({all})"),
    "WildersSmoothing": (THINK, "rma({all})"),
    "StDev": (THINK, "stddev({all})"),
    "TrueRange": (THINK, "trange()"),
    "AbsValue": (THINK, "abs({all})"),
    "Crosses": (THINK, "{0} crosses {1}"),
    "GetValue": (THINK, "{0}[{1:1}]"),
    "IsNaN": (THINK, "{0} is na"),
    "Ref": (AMI, "{0}[{1:back}]"),
    "MA": (AMI, "sma({all})"),
    "IIf": (AMI, "if {0} then {1} else {2}"),
    "Cross": (AMI, "{0} crosses above {1}"),
    "BarsSince": (AMI, "bars_since({0})"),
    "ValueWhen": (AMI, "value_when({0}, {1}, 0)"),
    "LinRegSlope": (AMI, "linearreg_slope({all})"),
    "TimeNum": (AMI, "(hour(time) * 10000 + minute(time) * 100)"),
    "DayOfWeek": (EASY, "weekday(time)"),
    "HHV": (AMI, "highest({all})"),
    "LLV": (AMI, "lowest({all})"),
    "iMA": (MQL, "sma(close, {2:20})"),
    "iRSI": (MQL, "rsi(close, {2:14})"),
    "iATR": (MQL, "atr({2:14})"),
    "iCCI": (MQL, "cci({2:14})"),
    "iADX": (MQL, "adx({2:14})"),
    "iMomentum": (MQL, "mom(close, {2:14})"),
    "iWPR": (MQL, "willr({2:14})"),
    "iStdDev": (MQL, "stddev(close, {2:20})"),
    "iBands": (MQL, "bbands(close, {2:20}, {3:2}).upper"),
    "iMACD": (MQL, "macd(close, {2:12}, {3:26}, {4:9}).macd"),
    "iClose": (MQL, "close[{2:0}]"),
    "iOpen": (MQL, "open[{2:0}]"),
    "iHigh": (MQL, "high[{2:0}]"),
    "iLow": (MQL, "low[{2:0}]"),
    "iVolume": (MQL, "volume[{2:0}]"),
    "PositionsTotal": (MQL, "position"),
    "OrdersTotal": (MQL, "position"),
    "Symbol": (MQL, "symbol"),
    "AccountBalance": (MQL, "cash"),
    "AccountEquity": (MQL, "equity"),
    "MathAbs": (MQL, "abs({all})"),
    "MathMax": (MQL, "max({all})"),
    "MathMin": (MQL, "min({all})"),
    "MathSqrt": (MQL, "sqrt({all})"),
    "qtpylib.crossed_above": (PYTHON, "{0} crosses above {1}"),
    "qtpylib.crossed_below": (PYTHON, "{0} crosses below {1}"),
    "crossed_above": (PYTHON, "{0} crosses above {1}"),
    "crossed_below": (PYTHON, "{0} crosses below {1}"),
    "CrossOver": (PYTHON, "{0} crosses above {1}"),
    "crossing_up": (PYTHON, "{0} crosses above {1}"),
    "bollinger": (OTHER, "bbands({all})"),
    "bollinger_bands": (OTHER, "bbands({all})"),
    "BollingerBands": (THINK, "bbands({all})"),
    "moving_average": (OTHER, "sma({all})"),
    "daily": (OTHER, "({0})@1d"),
    "weekly": (OTHER, "({0})@1w"),
    "hourly": (OTHER, "({0})@1h"),
    "monthly": (OTHER, "({0})@1mo"),
    "len": (PYTHON, "bar + 1"),
    "isnan": (PYTHON, "{0} is na"),
    "float": (PYTHON, "num({0})"),
    "int": (PYTHON, "trunc({0})"),
}
"""Plain calls."""

PINE_TA = {
    "barssince": "bars_since({all})", "valuewhen": "value_when({0}, {1}, {2:0})", "bb": "bbands({all})",
    "kc": "kc_ema({0}, {1:20}, {2:1.5})", "kcw": "kcw({0}, {1:20}, {2:1.5})", "correlation": "corr({all})",
    "linreg": "linreg({all})", "cmo": "cmou({all})", "cci": "cci({1:20})", "mfi": "mfi_of({0}, {1:14})",
    "stoch": "stochf({3:14}, 3).k", "tsi": "tsi({0}, {2:25}, {1:13})", "alma": "alma({0}, {1:9}, {2:0.85}, {3:6})",
    "sar": "sar({1:0.02}, {2:0.2})", "supertrend": "supertrend_full({1:10}, {0:3})", "tr": "trange_full()",
    "highestbars": "-highest_bars({all})", "lowestbars": "-lowest_bars({all})", "max": "cum_max({0})",
    "min": "cum_min({0})", "pivot_point_levels": "pivot_points({1})", "atr": "atr_full({all})",
    "vwap": "vwap_since({1:newday})",
}  # fmt: skip
"""`ta.` functions with another name, another order or another beginning here; the rest keep theirs."""

PINE_SHORT = {
    ("highest", 1): "highest(high, {0})", ("lowest", 1): "lowest(low, {0})",
    ("highestbars", 1): "-highest_bars(high, {0})", ("lowestbars", 1): "-lowest_bars(low, {0})",
    ("pivothigh", 2): "pivothigh(high, {0}, {1})", ("pivotlow", 2): "pivotlow(low, {0}, {1})",
}  # fmt: skip
"""`ta.` functions that leave their source out when they have so many arguments."""

MATH = {
    "pow": "{0} ^ {1}",
    "avg": "({0} + {1}) / 2",
    "ceil": "ceil({0})",
    "sum": "sum({all})",
    "log10": "log({0}) / log(10)",
}

FIELDS = {
    "strategy.position_size": (PINE, "position"),
    "strategy.position_avg_price": (PINE, "entry"),
    "strategy.equity": (PINE, "equity"),
    "strategy.openprofit": (PINE, "pnl"),
    "strategy.netprofit": (PINE, "equity"),
    "strategy.initial_capital": (PINE, "equity"),
    "strategy.opentrades": (PINE, "abs(position)"),
    "timeframe.isdaily": (PINE, "true"),
    "timeframe.isintraday": (PINE, "true"),
    "strategy.long": (PINE, "=> buy"),
    "strategy.short": (PINE, "=> short"),
    "barstate.isconfirmed": (PINE, "true"),
    "barstate.islast": (PINE, "false"),
    "syminfo.ticker": (PINE, "symbol"),
    "syminfo.tickerid": (PINE, "symbol"),
    "syminfo.mintick": (PINE, "1 ticks"),
    "ta.tr": (PINE, "trange()"),
    **{f"ta.{name}": (PINE, f"{name}()") for name in ("iii", "nvi", "pvi", "pvt", "wad", "wvad")},
    "ta.obv": (PINE, "obv_zero()"),
    "ta.accdist": (PINE, "ad()"),
    "ta.vwap": (PINE, f"vwap_since({NEW_DAY})"),
    "math.pi": (PINE, "3.141592653589793"),
    "np.nan": (PYTHON, "na"),
    "self.position": (PYTHON, "position"),
    "self.position.size": (PYTHON, "position"),
    "position.size": (PYTHON, "position"),
    "dayofweek.monday": (PINE, "1"), "dayofweek.tuesday": (PINE, "2"), "dayofweek.wednesday": (PINE, "3"),
    "dayofweek.thursday": (PINE, "4"), "dayofweek.friday": (PINE, "5"), "dayofweek.saturday": (PINE, "6"),
    "dayofweek.sunday": (PINE, "7"),
}  # fmt: skip

NAMES = {
    "bar_index": (PINE, "bar"),
    "tr": (PINE, "trange()"),
    "dayofweek": (PINE, "weekday(time)"),
    "dayofmonth": (PINE, "day(time)"),
    "MarketPosition": (EASY, "position"),
    "EntryPrice": (EASY, "entry"),
    "BarsSinceEntry": (EASY, "bars_in_trade"),
    "BarNumber": (EASY, "bar"),
    "CurrentBar": (EASY, "bar"),
    "OpenPositionProfit": (EASY, "pnl"),
    "CurrentContracts": (EASY, "abs(position)"),
    "C": (EASY, "close"), "O": (EASY, "open"), "H": (EASY, "high"), "L": (EASY, "low"), "V": (EASY, "volume"),
    "Close": (EASY, "close"), "Open": (EASY, "open"), "High": (EASY, "high"), "Low": (EASY, "low"),
    "Volume": (EASY, "volume"), "Ticks": (EASY, "volume"),
    "entry_price": (OTHER, "entry"), "avg_price": (OTHER, "entry"), "position_size": (OTHER, "position"),
    "entryprice": (OTHER, "entry"), "bars_held": (OTHER, "bars_in_trade"), "holding_bars": (OTHER, "bars_in_trade"),
    "Ask": (MQL, "close"), "Bid": (MQL, "close"), "Point": (MQL, "1 ticks"), "_Point": (MQL, "1 ticks"),
    "_Symbol": (MQL, "symbol"),
    **{day: (OTHER, str(number)) for number, day in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)},
    "price": (OTHER, "close"), "last_price": (OTHER, "close"), "profit": (OTHER, "(close / entry - 1)"),
    "loss": (OTHER, "(1 - close / entry)"), "Time": (EASY, "time"), "Date": (EASY, "time"),
    "reference": (THINK, "the function itself, such as `rsi(close, 14)`"),
    "None": (PYTHON, "na"), "True": (PYTHON, "true"), "False": (PYTHON, "false"),
    "nan": (PYTHON, "na"), "NaN": (PYTHON, "na"), "NULL": (MQL, "na"), "null": (OTHER, "na"),
}  # fmt: skip

PERIODS = {
    "MIN": "1m", "TWO_MIN": "2m", "THREE_MIN": "3m", "FIVE_MIN": "5m", "TEN_MIN": "10m", "FIFTEEN_MIN": "15m",
    "TWENTY_MIN": "20m", "THIRTY_MIN": "30m", "HOUR": "1h", "TWO_HOURS": "2h", "FOUR_HOURS": "4h", "DAY": "1d",
    "WEEK": "1w", "MONTH": "1mo", "QUARTER": "3mo", "YEAR": "1y",
}  # fmt: skip
"""thinkScript's `AggregationPeriod`."""

FRAMES = ("df", "data", "self", "bars", "ohlc", "ohlcv", "frame", "prices", "dataframe", "candles")
WINDOWS = {
    "mean": "sma", "std": "stddev", "max": "highest", "min": "lowest", "sum": "sum", "var": "var", "median": "median",
    "quantile": "percentile", "count": "count",
}  # fmt: skip
WHOLE = {**WINDOWS, "idxmax": "highest", "idxmin": "lowest", "rank": "rank_in"}
LIBRARIES = {"np": PYTHON, "numpy": PYTHON, "talib": PYTHON, "ta": PINE, "math": PINE, "pd": PANDAS, "tulipy": PYTHON}
OTHER_WORDS = {"maximum": "max", "minimum": "min", "fabs": "abs", "power": "pow"}
_MINUTES = {"60": "1h", "120": "2h", "180": "3h", "240": "4h", "D": "1d", "W": "1w", "M": "1mo"}


@cache
def _folded() -> tuple[dict[str, str], dict[str, str]]:
    """EasyLanguage and thinkScript do not tell large letters from small ones."""
    loose = (EASY, THINK, AMI)
    names = {name.lower(): name for name, (platform, _) in NAMES.items() if platform in loose}
    calls = {name.lower(): name for name, (platform, _) in CALLS.items() if platform in loose}
    return names, calls


def name_of(word: str) -> tuple[str, str] | None:
    """The platform of a foreign name and what it is here."""
    return NAMES.get(word) or NAMES.get(_folded()[0].get(word.lower(), ""))


def call_of(word: str) -> tuple[str, str] | None:
    """The platform of a foreign function and the template of its call."""
    return CALLS.get(word) or CALLS.get(_folded()[1].get(word.lower(), ""))


def timeframe(written: str) -> str:
    """Pine's `"60"`, `"D"`, `"15"` as a timeframe.

    >>> timeframe('"60"'), timeframe("'W'"), timeframe('"15"')
    ('1h', '1w', '15m')
    """
    text = written.strip("\"'")
    if text in _MINUTES:
        return _MINUTES[text]
    digits, unit = (text[:-1], text[-1:]) if text[-1:] in ("D", "W", "M") else (text, "")
    if not text or (digits and not digits.isdecimal()):
        return "1d"
    return f"{digits or 1}{ {'D': 'd', 'W': 'w', 'M': 'mo', '': 'm'}[unit] }"
