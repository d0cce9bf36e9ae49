"""Values that others computed, at their own tolerance.

The reference data lie beside the repository and are not part of it. Where a source begins otherwise, the first row is
given from which both agree. Other conventions, whose cases are left out or compared late:

- Tulip begins exponential averages at the first value; here, as in TA-Lib and Pine, they begin at the mean of the first
  window (ema dema tema trix cvi mass macd).
- The fast average of `macd` begins together with the slow one, as in TA-Lib; in Pine, LEAN, talipp and Stock.Indicators
  with its own first window.
- `atr` leaves out the first bar, whose true range lacks a close before it, as in TA-Lib; Pine and LEAN take
  high - low.
- The first sums of `adx` and its parts hold length - 1 bars, as in TA-Lib; length in Stock.Indicators, talipp and LEAN.
- `obv` begins with the first bar's volume, as in TA-Lib; elsewhere with 0.
- `donchian` includes the newest bar, as TradingView's does; Stock.Indicators leaves it out.
- `aroon` counts from the newest of equal extremes, as TA-Lib does; Stock.Indicators from the oldest.
- `sar` begins with the trend of the second bar, as in TA-Lib.
- `klinger` is told once its slow average has taken its length in; Tulip tells it from the second bar.
- `mfi` weighs hlc3; Pine's `ta.mfi(close, …)` weighs the series given to it.
"""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.kernels import Smoother
from lingua.indicators.money_flow import Klinger
from lingua.indicators.registry import lookup

REFERENCE = Path(__file__).resolve().parents[3].parent / "shared" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference data are not beside the repository")
TOLERANCE = {"lean": (0.0, 1e-3), "skender": (1e-9, 1e-8), "pine_ta": (1e-5, 1e-8), "talib_regtest": (0.0, 0.01),
             "talipp": (0.0, 5e-6), "tulip": (0.0, 1e-3)}  # fmt: skip


class Case(NamedTuple):
    file: str
    column: str
    call: str
    """`name(series, number).output`; the series are columns of the file, or `hl2 hlc3 ohlc4 hlcc4`."""
    start: int = 0
    """First row that is compared: before it the two have begun differently."""
    scale: float = 1.0
    within: float = 0.0
    """Rounding of the values as they were written down, where that is coarser than the tolerance."""


def skender(file: str, **columns: str) -> list[Case]:
    return [Case(f"skender/{file}", column, call) for column, call in columns.items()]


def tulip(file: str, *pairs: str) -> list[Case]:
    return [Case(f"tulip/atoz_{file}_1", *pair.split(" = ")) for pair in pairs]


DX = "100 * abs(plus_dm(14) - minus_dm(14)) / (plus_dm(14) + minus_dm(14))"
CASES = [
    *[Case("skender/adx", column, call, start=300) for column, call in
      (("pdi", "plus_di(14)"), ("mdi", "minus_di(14)"), ("dx", "dx(14)"), ("adx", "adx(14)"))],
    Case("skender/aroon", "aroonUp", "aroon(25).up", start=194),
    Case("skender/aroon", "aroonDown", "aroon(25).down", start=233),
    *skender("atr", atr="atr(14)", atrp="natr(14)"),
    *skender("bb", sma="bbands(close, 20, 2).middle", upperBand="bbands(close, 20, 2).upper"),
    *skender("bb", lowerBand="bbands(close, 20, 2).lower", zScore="zscore(close, 20)"),
    *skender("cci", cci="cci(20)"),
    *skender("ema", ema="ema(close, 20)"),
    *skender("hma", hma="hma(close, 14)"),
    *skender("mfi", mfi="mfi(14)"),
    *skender("roc", momentum="mom(close, 14)", roc="roc(close, 14)"),
    *skender("rsi", rsi="rsi(close, 14)"),
    *skender("slope", slope="linearreg_slope(close, 14)"),
    *skender("sma", sma="sma(close, 20)"),
    *skender("stdev", stdDev="stddev(close, 14)", mean="sma(close, 14)", zScore="zscore(close, 14)"),
    *skender("stoch", oscillator="stoch(14, 3, 3).k", signal="stoch(14, 3, 3).d"),
    *skender("supertrend", superTrend="supertrend(10, 3).supertrend"),
    *skender("willr", williamsR="willr(14)"),
    *skender("wma", wma="wma(close, 14)"),
    *skender("vwap", vwap="vwap()"),
    Case("skender/psar", "sar", "sar(0.02, 0.2)", start=251),
    Case("skender/macd", "macd", "macd(close, 12, 26, 9).macd", start=150),
    Case("skender/macd", "signal", "macd(close, 12, 26, 9).signal", start=150),
    *skender("tr", tr="trange()"),
    *skender("keltner", centerline="keltner(20, 2).middle"),
    Case("lean/spy_aroon_oscillator", "Aroon_Oscillator_14", "aroonosc(14)"),
    Case("lean/spy_atr_wilder", "Average_True_Range_14", "atr(14)", start=62),
    Case("lean/spy_bollinger_bands", "Moving_Average_20", "bbands(close, 20, 2).middle"),
    Case("lean/spy_bollinger_bands", "Bollinger_Bands_20_2_Top", "bbands(close, 20, 2).upper"),
    Case("lean/spy_bollinger_bands", "Bollinger_Bands_20_2_Bottom", "bbands(close, 20, 2).lower"),
    Case("lean/spy_dema", "DEMA_5", "dema(close, 5)"),
    Case("lean/spy_ema", "EMA14", "ema(close, 14)"),
    Case("lean/spy_hma", "HMA_16", "hma(close, 16)"),
    Case("lean/spy_kama", "KAMA_5", "kama(close, 5)"),
    Case("lean/spy_max", "MAX_5", "highest(close, 5)"),
    Case("lean/spy_mfi", "Money_Flow_Index_20", "mfi(20)"),
    Case("lean/spy_midpoint", "MIDPOINT_5", "midpoint(close, 5)"),
    Case("lean/spy_midprice", "MIDPRICE_5", "midprice(5)"),
    Case("lean/spy_min", "MIN_5", "lowest(close, 5)"),
    Case("lean/spy_natr", "NATR_5", "natr(5)"),
    Case("lean/spy_ppo", "PPO_5_10", "ppo(close, 5, 10, sma)"),
    Case("lean/spy_tema", "TEMA_5", "tema(close, 5)"),
    Case("lean/spy_tr", "TR", "trange()"),
    Case("lean/spy_trima", "TRIMA_5", "trima(close, 5)"),
    Case("lean/spy_trima", "TRIMA_6", "trima(close, 6)"),
    Case("lean/spy_with_adx", "ADX_14", "adx(14)", start=163),
    Case("lean/spy_with_cci", "Commodity_Channel_Index_CCI_14", "cci(14)", within=5e-3),
    Case("lean/spy_with_don50", "Donchian_Channels_50_Top", "donchian(50).upper", start=49),
    Case("lean/spy_with_indicators", "SMA14", "sma(close, 14)", within=6e-3),
    Case("lean/spy_with_indicators", "RSI_14_Wilder", "rsi(close, 14)"),
    Case("lean/spy_with_macd", "MACD", "macd(close, 12, 26, 9).macd"),
    Case("lean/spy_with_macd", "Histogram", "macd(close, 12, 26, 9).hist"),
    Case("lean/spy_with_obv", "OBV", "obv()", within=2e3),
    Case("lean/spy_with_rocp50", "Rate_of_Change_50", "roc(close, 50)"),
    Case("lean/spy_with_stoch12k3", "Stochastics_12_K_3", "stoch(12, 3, 5).k"),
    Case("lean/spy_with_stoch12k3", "D_5", "stoch(12, 3, 5).d"),
    Case("lean/spy_with_williamsR14", "Williams_R_14", "willr(14)"),
    *[Case("pine_ta/bb", f"ta.bb(close, 20, 2).{theirs}", f"bbands(close, 20, 2).{ours}")
      for theirs, ours in (("base", "middle"), ("upper", "upper"), ("lower", "lower"))],
    Case("pine_ta/highest_lowest", "ta.highest(10)", "highest(high, 10)"),
    Case("pine_ta/highest_lowest", "ta.lowest(10)", "lowest(low, 10)"),
    Case("pine_ta/highest_lowest", "ta.highestbars(10)", "highest_bars(high, 10)", scale=-1.0),
    Case("pine_ta/highest_lowest", "ta.lowestbars(close, 10)", "lowest_bars(close, 10)", scale=-1.0),
    Case("pine_ta/ma", "ta.sma(hl2, 20)", "sma(hl2, 20)"),
    Case("pine_ta/ma", "ta.ema(close, 20)", "ema(close, 20)"),
    Case("pine_ta/ma", "ta.ema(ohlc4, 10)", "ema(ohlc4, 10)"),
    Case("pine_ta/ma", "ta.rma(high, 15)", "rma(high, 15)"),
    Case("pine_ta/ma", "ta.wma(close, 20)", "wma(close, 20)"),
    Case("pine_ta/ma", "ta.hma(close, 9)", "hma(close, 9)"),
    Case("pine_ta/ma", "ta.hma(close, 20)", "hma(close, 20)"),
    Case("pine_ta/ma", "ta.vwma(close, 20)", "vwma(close, 20)"),
    Case("pine_ta/macd", "ta.macd(close, 12, 26, 9).macd", "macd(close, 12, 26, 9).macd", start=76),
    Case("pine_ta/mfi_rsi_stoch", "ta.rsi(close, 14)", "rsi(close, 14)"),
    Case("pine_ta/mfi_rsi_stoch", "ta.stoch(close, high, low, 20)", "stochf(20).k"),
    Case("pine_ta/tr", "ta.tr(false)", "trange()"),
    *[Case(f"talib_regtest/{name}_{n}_DEFAULT", "out0", f"{name}(open, {n})")
      for name in ("MIN", "MAX") for n in (2, 14)],
    Case("talib_regtest/MINMAX_14_DEFAULT", "out0", "MINMAX(open, 14).min"),
    Case("talib_regtest/STDDEV_5_1.5_DEFAULT", "out0", "1.5 * STDDEV(close, 5)"),
    # These tables hold the value at the position found; the one named MAXINDEX holds the lowest, as MIN's.
    *[Case(f"talib_regtest/{name}_14_DEFAULT", "out0", f"value_at(open, {call})")
      for name, call in (("MAXINDEX", "MININDEX(open, 14)"), ("MININDEX", "MININDEX(open, 14)"),
                         ("MINMAXINDEX", "MINMAXINDEX(open, 14).min"))],
    Case("talib_regtest/STDDEV_5_1.0_DEFAULT", "out0", "STDDEV(close, 5)"),
    Case("talib_regtest/TRANGE_0_DEFAULT", "out0", "TRANGE()"),
    *[Case(f"talib_regtest/ATR_{n}_DEFAULT", "out0", f"ATR({n})") for n in (1, 14)],
    *[Case(f"talipp/{file}_init", column, call) for file, column, call in (
        ("ATR", "value", "atr(5)"), ("BB", "ub", "bbands(close, 5, 2).upper"),
        ("BB", "lb", "bbands(close, 5, 2).lower"),
        ("CCI", "value", "cci(20)"), ("DonchianChannels", "ub", "donchian(5).upper"),
        ("EMA", "value", "ema(close, 20)"),
        ("DonchianChannels", "cb", "donchian(5).middle"), ("HMA", "value", "hma(close, 20)"),
        ("OBV", "value", "obv()"), ("ROC", "value", "roc(close, 20)"),
        ("RSI", "value", "rsi(close, 20)"), ("SMA", "value", "sma(close, 20)"), ("Stoch", "k", "stochf(14, 3).k"),
        ("Stoch", "d", "stochf(14, 3).d"), ("WMA", "value", "wma(close, 20)"),
    )],
    *tulip("ad", "ad = ad()"), *tulip("adosc", "adosc = adosc(3, 10)"),
    *tulip("aroon", "aroon_up = aroon(5).up", "aroon_down = aroon(5).down"),
    *tulip("atr", "atr = atr(4)"), *tulip("bbands", "bbands_upper = bbands(real, 5, 2).upper"),
    *tulip("cci", "cci = cci(5)"), *tulip("cmo", "cmo = cmou(real, 5)"),
    *tulip("di", "plus_di = plus_di(14)", "minus_di = minus_di(14)"),
    *tulip("dm", "plus_dm = plus_dm(14)"), *tulip("dpo", "dpo = dpo(real, 6)"),
    *tulip("emv", "emv = eom(1)"), *tulip("vosc", "vosc = vosc(2, 5)"),
    *tulip("fosc", "fosc = fosc(real, 5)"),
    *tulip("medprice", "medprice = medprice()"), *tulip("mfi", "mfi = mfi(14)"), *tulip("nvi", "nvi = nvi()"),
    *tulip("qstick", "qstick = qstick(4)"), *tulip("rocr", "rocr = rocr(real, 12)"),
    *tulip("rsi", "rsi = rsi(real, 5)"), *tulip("sma", "sma = sma(real, 5)"),
    *tulip("stddev", "stddev = stddev(real, 5)"),
    *tulip("stoch", "stoch_k = stoch(5, 3, 3).k", "stoch_d = stoch(5, 3, 3).d"),
    *tulip("tr", "tr = trange()"), *tulip("trima", "trima = trima(real, 5)"),
    *tulip("typprice", "typprice = typprice()"), *tulip("vhf", "vhf = vhf(real, 5)"), *tulip("wad", "wad = wad()"),
    *tulip("wcprice", "wcprice = wclprice()"), *tulip("willr", "willr = willr(5)"), *tulip("wma", "wma = wma(real, 5)"),
    *tulip("wilders", "wilders = rma(real, 5)"),
    # --- other conventions, by their variants ---
    *[Case("skender/adx", column, call) for column, call in
      (("adx", "dmi(14, 14).adx"), ("pdi", "dmi(14, 14).plus"), ("mdi", "dmi(14, 14).minus"),
       ("dx", "100 * abs(dmi(14, 1).plus - dmi(14, 1).minus) / (dmi(14, 1).plus + dmi(14, 1).minus)"),
       ("adxr", "(dmi(14, 14).adx + lag(dmi(14, 14).adx, 14)) / 2"))],
    Case("skender/aroon", "oscillator", "aroonosc(25)", start=233),
    *skender("atr", tr="trange()"),
    *skender("bb", percentB="bbp(close, 20, 2)",
             width="(bbands(close, 20, 2).upper - bbands(close, 20, 2).lower) / bbands(close, 20, 2).middle"),
    *skender("donchian", upperBand="lag(donchian(20).upper, 1)", lowerBand="lag(donchian(20).lower, 1)",
             centerline="lag(donchian(20).middle, 1)",
             width="lag((donchian(20).upper - donchian(20).lower) / donchian(20).middle, 1)"),
    *skender("keltner", upperBand="ema(close, 20) + 2 * atr(10)", lowerBand="ema(close, 20) - 2 * atr(10)",
             width="4 * atr(10) / ema(close, 20)"),
    *skender("macd", macd="ema(close, 12) - ema(close, 26)", fastEma="ema(close, 12)", slowEma="ema(close, 26)",
             signal="ema(ema(close, 12) - ema(close, 26), 9)",
             histogram="ema(close, 12) - ema(close, 26) - ema(ema(close, 12) - ema(close, 26), 9)"),
    *skender("obv", obv="obv_zero()"),
    *skender("slope", intercept="linearreg_intercept(close, 14) - linearreg_slope(close, 14) * (index - 12)",
             stdDev="stddev(close, 14)",
             rSquared="corr(close, index, 14) * corr(close, index, 14)"),
    *skender("stoch", k="stoch(14, 3, 3).k", d="stoch(14, 3, 3).d",
             percentJ="3 * stoch(14, 3, 3).k - 2 * stoch(14, 3, 3).d",
             j="3 * stoch(14, 3, 3).k - 2 * stoch(14, 3, 3).d"),
    Case("lean/spy_bollinger_bands", "BandWidth",
         "100 * (bbands(close, 20, 2).upper - bbands(close, 20, 2).lower) / bbands(close, 20, 2).middle"),
    Case("lean/spy_bollinger_bands", "B",
         "(close - bbands(close, 20, 2).lower) / (bbands(close, 20, 2).upper - bbands(close, 20, 2).lower)"),
    Case("lean/spy_with_don50", "Donchian_Channels_50_Bottom", "donchian(50).lower", start=49),
    Case("lean/spy_with_don50", "Donchian_Channels_50_Mean", "donchian(50).middle", start=49),
    Case("lean/spy_with_indicators", "EMA14", "ema(close, 14)", within=6e-3),
    Case("lean/spy_with_indicators", "MACD_12_26", "ema(close, 12) - ema(close, 26)", within=6e-3),
    Case("lean/spy_with_indicators", "RSI_14", "rsi_simple(close, 14)"),
    Case("lean/spy_with_macd", "Signal", "ema(ema(close, 12) - ema(close, 26), 9)"),
    Case("pine_ta/bb", "ta.bbw(close, 20, 2.1)",
         "bbw(close, 20, 2.1)"),
    Case("pine_ta/highest_lowest", "ta.highest(close, 10)", "highest(close, 10)"),
    Case("pine_ta/highest_lowest", "ta.lowest(close, 10)", "lowest(close, 10)"),
    Case("pine_ta/highest_lowest", "ta.highestbars(close, 10)", "-highest_bars(close, 10)"),
    Case("pine_ta/highest_lowest", "ta.lowestbars(10)", "-lowest_bars(low, 10)"),
    Case("pine_ta/ma", "ta.sma(close, 10)", "sma(close, 10)"),
    Case("pine_ta/ma", "ta.sma(hlc3, 15)", "sma(hlc3, 15)"),
    Case("pine_ta/ma", "ta.rma(hlcc4, 5)", "rma(hlcc4, 5)"),
    Case("pine_ta/ma", "ta.wma(close, 5)", "wma(close, 5)"),
    Case("pine_ta/ma", "ta.swma(hlc3)", "swma(hlc3)"),
    Case("pine_ta/ma", "ta.alma(close, 5, 0.85, 6)", "alma(close, 5, 0.85, 6)"),
    Case("pine_ta/ma", "ta.alma(close, 10, 0.55, 12)", "alma(close, 10, 0.55, 12)"),
    Case("pine_ta/macd", "ta.macd(close, 12, 26, 9).macd", "ema(close, 12) - ema(close, 26)"),
    Case("pine_ta/macd", "ta.macd(close, 12, 26, 9).signal", "ema(ema(close, 12) - ema(close, 26), 9)"),
    Case("pine_ta/macd", "ta.macd(close, 12, 26, 9).hist",
         "ema(close, 12) - ema(close, 26) - ema(ema(close, 12) - ema(close, 26), 9)"),
    Case("pine_ta/mfi_rsi_stoch", "ta.mfi(close, 14)", "mfi_of(close, 14)"),
    Case("pine_ta/tr", "ta.tr(true)", "trange_full()"),
    Case("pine_ta/tr", "ta.tr", "trange()"),
    Case("pine_ta/tr", "ta.atr(14)", "atr_full(14)"),
    Case("talipp/ADX_init", "adx", "dmi(14, 14).adx"),
    *[Case("talipp/ADX_init", column, f"dmi(14, 14).{ours} * rma(trange(), 14) / atr_full(14)") for column, ours in
      (("plus_di", "plus"), ("minus_di", "minus"))],
    Case("talipp/BB_init", "cb", "bbands(close, 5, 2).middle"),
    Case("talipp/DonchianChannels_init", "lb", "donchian(5).lower"),
    Case("talipp/SuperTrend_init", "value", "supertrend_full(10, 3).supertrend"),
    *skender("supertrend", upperBand="supertrend(10, 3).supertrend", lowerBand="supertrend(10, 3).supertrend"),
    # The line that is drawn back from the last bar: there it is where the line stands now.
    Case("skender/slope", "line", "linreg(close, 14, 0)", start=501),
    Case("tulip/atoz_psar_1", "acceleration_factor_maximum", "sar(0.02, 0.2)", start=8),
    Case("talipp/MACD_init", "macd", "ema(close, 12) - ema(close, 26)"),
    Case("talipp/MACD_init", "signal", "ema(ema(close, 12) - ema(close, 26), 9)"),
    Case("talipp/MACD_init", "histogram",
         "ema(close, 12) - ema(close, 26) - ema(ema(close, 12) - ema(close, 26), 9)"),
    *tulip("bbands", "bbands_lower = bbands(real, 5, 2).lower", "bbands_middle = bbands(real, 5, 2).middle"),
    *tulip("dm", "minus_dm = minus_dm(14)"),
    # The file has no close, which the ranges of dx would need and its quotient does not.
    *tulip("dx", f"dx = {DX}"), *tulip("adx", f"adx = rma({DX}, 14)"),
    *tulip("adxr", f"adxr = (rma({DX}, 14) + lag(rma({DX}, 14), 13)) / 2"),
    *tulip("obv", "obv = obv_zero()"),
    *tulip("ema", "ema = ema_first(real, 5)"),
    *tulip("dema", "dema = dema_first(real, 5)"),
    *tulip("tema", "tema = tema_first(real, 5)"),
    *tulip("trix", "trix = trix_first(real, 3)"),
    *tulip("cvi", "cvi = roc(ema_first(high - low, 5), 5)"),
    *tulip("mass", "mass = massi_first(9, 3)"),
    *[Case("lean/spy_with_adx", column, call) for column, call in
      (("DI14", "dmi(14, 14).minus"), ("ADXR_14", "(dmi(14, 14).adx + lag(dmi(14, 14).adx, 13)) / 2"))],
    *[Case("lean/spy_with_adx", column, call, within=6e-3) for column, call in
      (("TR", "trange()"), ("DM_1", "minus_dm(1)"), ("TR14", "14 * rma(trange(), 14)"),
       ("DM14", "14 * rma(minus_dm(1), 14)"),
       ("DI_14_Diff", "abs(dmi(14, 14).plus - dmi(14, 14).minus)"),
       ("DI_14_Sum", "dmi(14, 14).plus + dmi(14, 14).minus"),
       ("DX", "100 * abs(dmi(14, 1).plus - dmi(14, 1).minus) / (dmi(14, 1).plus + dmi(14, 1).minus)"))],
]  # fmt: skip


def table(file: str) -> dict[str, np.ndarray]:
    """Columns of numbers; what is empty or no number is NaN."""
    with (REFERENCE / f"{file}.csv").open(encoding="utf-8") as lines:
        head, *rows = csv.reader(lines)
    found = {name: np.array([number(row[i]) for row in rows]) for i, name in enumerate(head)}
    found["index"] = np.arange(float(len(rows)))
    if "high" in found and "low" in found:
        found["hl2"] = (found["high"] + found["low"]) / 2
        if "close" in found and "open" in found:
            found["ohlc4"] = (found["open"] + found["high"] + found["low"] + found["close"]) / 4
        if "close" in found:
            found["hlc3"] = (found["high"] + found["low"] + found["close"]) / 3
            found["hlcc4"] = (found["high"] + found["low"] + 2 * found["close"]) / 4
    return found


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


class Bars(dict[str, Any]):
    """Names of an expression: columns of the file, and functions of the library."""

    def __missing__(self, name: str) -> Any:
        spec = lookup(name)
        if spec is None:
            raise KeyError(name)

        def call(*given: Any) -> Any:
            rest = list(given)
            inputs = [self[each.default] if each.is_implicit else rest.pop(0) for each in spec.inputs]
            values = spec.bind({each.name: word for each, word in zip(spec.parameters, rest, strict=False)})
            return outputs(spec, inputs, values)

        return call


def outputs(spec: IndicatorSpec, inputs: list[np.ndarray], values: dict[str, Any]) -> Any:
    """As a run computes them: rows with a missing input are left out and the results put back."""
    known = np.all([np.isfinite(column) for column in inputs], axis=0)
    columns = []
    for each in spec.batch(*(column[known] for column in inputs), **values):
        column = np.full(len(known), np.nan)
        column[known] = np.asarray(each)
        columns.append(column)
    if len(columns) == 1:
        return columns[0]
    return SimpleNamespace(**{each.name: column for each, column in zip(spec.outputs, columns, strict=True)})


def value(data: dict[str, np.ndarray], call: str) -> np.ndarray:
    """An expression of the language (those taken here are Python too); averages are named without quotes."""
    words = Bars(data)
    for name in ("sma", "ema"):
        call = re.sub(rf", {name}\)", f', "{name}")', call)
    with np.errstate(all="ignore"):
        return np.asarray(
            eval(call, {"__builtins__": {}, "lag": lag, "abs": abs, "value_at": value_at}, words), dtype=np.float64
        )


def value_at(column: np.ndarray, back: np.ndarray) -> np.ndarray:
    """`column[back]`, a number of bars for each bar."""
    found = np.full(len(column), np.nan)
    known = ~np.isnan(back)
    found[known] = column[(np.arange(len(column))[known] - back[known]).astype(int)]
    return found


def lag(column: np.ndarray, bars: int) -> np.ndarray:
    """`column[bars]` of the language."""
    return np.concatenate((np.full(bars, np.nan), column[: len(column) - bars]))


@needs_reference
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}-{case.column}")
def test_a_value_others_computed_is_found_again(case: Case) -> None:
    data = table(case.file)
    column = next(data[name] for name in (f"expected_{case.column}", f"expected:{case.column}") if name in data)
    ours = value(data, case.call) * case.scale
    first = max(case.start, int(np.argmax(~np.isnan(ours))))
    rows = np.flatnonzero(~np.isnan(column))
    rows = rows[rows >= first]
    relative, absolute = TOLERANCE[case.file.split("/")[0]]
    assert len(rows) > 0
    allowed = absolute + case.within + relative * np.abs(column[rows])
    wrong = rows[~(np.abs(ours[rows] - column[rows]) <= allowed)]
    assert len(wrong) == 0, [(int(k), column[k], ours[k]) for k in wrong[:3]]


EXPLAINED = {
    ("skender/psar", "isReversal"): "a flag; the side of `sar` tells it",
    ("lean/spy_with_indicators", "OBV"): "the file has no volume; spy_with_obv has, and is compared",
    ("tulip/atoz_kvo_1", "kvo"): "compared below, before it is told",
    **{("tulip/atoz_macd_1", each): "weights 0.15 and 0.075, compared below"
       for each in ("macd", "macd_signal", "macd_histogram")},
}  # fmt: skip


@needs_reference
def test_every_column_others_computed_is_compared_or_explained() -> None:
    compared = {(case.file, case.column) for case in CASES}
    columns = set()
    for case in json.loads((REFERENCE / "manifest.json").read_text("utf-8")):
        file = case["file"].removesuffix(".csv")
        if file.startswith("pine_strategy/"):
            continue  # trades
        names = (REFERENCE / case["file"]).read_text("utf-8").splitlines()
        head = next(csv.reader(names))
        columns |= {(file, name[9:]) for name in head if name.startswith(("expected_", "expected:"))}
    assert len(columns) > 200
    assert columns - compared - EXPLAINED.keys() == set()


@needs_reference
def test_tulips_macd_has_two_weights_of_its_own() -> None:
    data = table("tulip/atoz_macd_1")
    fast, slow = (Smoother(1, weight, True)(data["real"]) for weight in (0.15, 0.075))
    line = fast - slow
    rows = ~np.isnan(data["expected_macd"])
    assert np.allclose(line[rows], data["expected_macd"][rows], rtol=0.0, atol=1e-6)
    signal = Smoother(1, 0.2, True)(line[25:])
    assert np.allclose(signal, data["expected_macd_signal"][25:], rtol=0.0, atol=1e-6)


@needs_reference
def test_the_klinger_oscillator_is_the_published_one_before_it_is_told() -> None:
    data = table("tulip/atoz_kvo_1")
    # With averages of one step's seed, shown at once: the formula as it is, nothing withheld.
    line = Klinger(34, 55, 13)
    line.fast, line.slow = (Smoother(1, 2.0 / (n + 1.0), True) for n in (34, 55))
    ours = line(data["high"], data["low"], data["close"], data["volume"])[0]
    assert np.allclose(ours[1:], data["expected_kvo"][1:], rtol=0.0, atol=1e-3)
