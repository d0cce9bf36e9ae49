"""All of Pine's `ta.`: each call is told in Lingua's words, and these compile."""

from __future__ import annotations

import pytest

import lingua

FUNCTIONS = {
    "ta.alma(close, 9, 0.85, 6)": "alma(close, 9, 0.85, 6)",
    "ta.atr(14)": "atr_full(14)",
    "ta.barssince(close > open)": "bars_since(close > open)",
    "ta.bb(close, 20, 2)": "bbands(close, 20, 2)",
    "ta.bbw(close, 20, 2)": "bbw(close, 20, 2)",
    "ta.cci(hlc3, 20)": "cci(20)",
    "ta.change(close, 2)": "change(close, 2)",
    "ta.cmo(close, 9)": "cmou(close, 9)",
    "ta.cog(close, 10)": "cog(close, 10)",
    "ta.correlation(close, volume, 10)": "corr(close, volume, 10)",
    "ta.cross(close, open)": "close crosses open",
    "ta.crossover(close, open)": "close crosses above open",
    "ta.crossunder(close, open)": "close crosses below open",
    "ta.cum(volume)": "cum(volume)",
    "ta.dev(close, 10)": "dev(close, 10)",
    "ta.dmi(17, 14)": "dmi(17, 14)",
    "ta.ema(close, 10)": "ema(close, 10)",
    "ta.falling(close, 3)": "falling(close, 3)",
    "ta.highest(10)": "highest(high, 10)",
    "ta.highest(close, 10)": "highest(close, 10)",
    "ta.highestbars(10)": "-highest_bars(high, 10)",
    "ta.highestbars(close, 10)": "-highest_bars(close, 10)",
    "ta.hma(close, 9)": "hma(close, 9)",
    "ta.kc(close, 20, 1.5)": "kc_ema(close, 20, 1.5)",
    "ta.kcw(close, 20, 1.5)": "kcw(close, 20, 1.5)",
    "ta.linreg(close, 14, 0)": "linreg(close, 14, 0)",
    "ta.lowest(10)": "lowest(low, 10)",
    "ta.lowest(close, 10)": "lowest(close, 10)",
    "ta.lowestbars(10)": "-lowest_bars(low, 10)",
    "ta.lowestbars(close, 10)": "-lowest_bars(close, 10)",
    "ta.macd(close, 12, 26, 9)": "macd(close, 12, 26, 9)",
    "ta.max(close)": "cum_max(close)",
    "ta.median(close, 5)": "median(close, 5)",
    "ta.mfi(hlc3, 14)": "mfi_of(hlc3, 14)",
    "ta.min(close)": "cum_min(close)",
    "ta.mode(close, 5)": "mode(close, 5)",
    "ta.mom(close, 10)": "mom(close, 10)",
    "ta.percentile_linear_interpolation(close, 20, 50)": "percentile_linear_interpolation(close, 20, 50)",
    "ta.percentile_nearest_rank(close, 20, 50)": "percentile_nearest_rank(close, 20, 50)",
    "ta.percentrank(close, 20)": "percentrank(close, 20)",
    "ta.pivothigh(5, 4)": "pivothigh(high, 5, 4)",
    "ta.pivothigh(close, 5, 4)": "pivothigh(close, 5, 4)",
    "ta.pivotlow(5, 4)": "pivotlow(low, 5, 4)",
    "ta.pivotlow(close, 5, 4)": "pivotlow(close, 5, 4)",
    'ta.pivot_point_levels("Traditional", close > open)': "pivot_points(close > open)",
    "ta.range(close, 10)": "range(close, 10)",
    "ta.rci(close, 10)": "rci(close, 10)",
    "ta.rising(close, 3)": "rising(close, 3)",
    "ta.rma(close, 14)": "rma(close, 14)",
    "ta.roc(close, 10)": "roc(close, 10)",
    "ta.rsi(close, 14)": "rsi(close, 14)",
    "ta.sar(0.02, 0.02, 0.2)": "sar(0.02, 0.2)",
    "ta.sma(close, 10)": "sma(close, 10)",
    "ta.stdev(close, 10)": "stddev(close, 10)",
    "ta.stoch(close, high, low, 14)": "stochf(14, 3).k",
    "ta.supertrend(3, 10)": "supertrend_full(10, 3)",
    "ta.swma(close)": "swma(close)",
    "ta.tr(true)": "trange_full()",
    "ta.tsi(close, 13, 25)": "tsi(close, 25, 13)",
    "ta.valuewhen(close > open, close, 0)": "value_when(close > open, close, 0)",
    "ta.variance(close, 10)": "var(close, 10)",
    "ta.vwap(hlc3)": "vwap_since(day(time) != day(time[1]))",
    "ta.vwap(hlc3, close > open)": "vwap_since(close > open)",
    "ta.vwma(close, 10)": "vwma(close, 10)",
    "ta.wma(close, 10)": "wma(close, 10)",
    "ta.wpr(14)": "willr(14)",
    "ta.accdist": "ad()",
    "ta.iii": "iii()",
    "ta.nvi": "nvi()",
    "ta.obv": "obv_zero()",
    "ta.pvi": "pvi()",
    "ta.pvt": "pvt()",
    "ta.tr": "trange()",
    "ta.vwap": "vwap_since(day(time) != day(time[1]))",
    "ta.wad": "wad()",
    "ta.wvad": "wvad()",
}


def program(value: str) -> str:
    return f"strategy S {{\n  trade AAA @ 1h\n  let it = {value}\n  rule r: close > open => buy\n}}\n"


@pytest.mark.parametrize("written", FUNCTIONS)
def test_a_call_of_pine_is_told_in_words_that_compile(written: str) -> None:
    told = [each for each in lingua.compile(program(written)).problems if each.code.number == "L0230"]
    assert [each.help for each in told] == [f"write `{FUNCTIONS[written]}`"]
    assert lingua.compile(program(FUNCTIONS[written])).ok
