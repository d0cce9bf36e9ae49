"""Habits of other languages get the Lingua spelling, made of the user's own words."""

import pytest

TRANSLATED = {
    "ta.ema(close, 12)": "ema(close, 12)",
    "ta.sma(close, 12)": "sma(close, 12)",
    "ta.crossover(close, open)": "close crosses above open",
    "ta.crossunder(close, open)": "close crosses below open",
    "ta.barssince(close > open)": "bars_since(close > open)",
    "ta.valuewhen(close > open, high, 0)": "value_when(close > open, high, 0)",
    "ta.stdev(close, 20)": "stddev(close, 20)",
    "ta.highest(high, 20)": "highest(high, 20)",
    "ta.tr": "trange()",
    "math.abs(close)": "abs(close)",
    "math.max(close, open)": "max(close, open)",
    "math.pow(close, 2)": "close ^ 2",
    "nz(close)": "close ?? 0",
    "iff(close > open, 1, 2)": "if close > open then 1 else 2",
    "barssince(close > open)": "bars_since(close > open)",
    "crossover(close, open)": "close crosses above open",
    'request.security(syminfo.tickerid, "D", ema(close, 20))': "ema(close, 20)@1d",
    'request.security(syminfo.tickerid, "240", close)': "close@4h",
    'request.security(syminfo.tickerid, "15", close)': "close@15m",
    "bar_index": "bar",
    "syminfo.ticker": "symbol",
    "barstate.isconfirmed": "true",
    "close.shift(1)": "close[1]",
    "close.diff()": "close - close[1]",
    "close.pct_change()": "close / close[1] - 1",
    "close.fillna(0)": "close ?? 0",
    "close.abs()": "abs(close)",
    "close.rolling(20)": "sma(close, 20)",
    'df["close"]': "close",
    'df["Close"]': "close",
    "df.high": "high",
    "self.data.low": "low",
    "np.log(close)": "log(close)",
    "talib.RSI(close, 14)": "rsi(close, 14)",
    "np.where(close > open, 1, 2)": "if close > open then 1 else 2",
    "Average(close, 20)": "sma(close, 20)",
    "XAverage(close, 20)": "ema(close, 20)",
    "ExpAverage(close, 20)": "ema(close, 20)",
    "MarketPosition": "position",
    "EntryPrice": "entry",
    "CurrentBar": "bar",
    "C": "close",
    "Ref(close, -5)": "close[5]",
    "HHV(high, 20)": "highest(high, 20)",
    "isnan(close)": "close is na",
}


@pytest.mark.parametrize("written", TRANSLATED)
def test_a_foreign_spelling_is_translated(written: str, check) -> None:
    checked = check(f"let it = {written}")
    assert checked.codes == ["L0230"], checked.said()
    assert checked.problems[0].help == f"write `{TRANSLATED[written]}`"
    edit = checked.problems[0].fixes[0].edits[0]
    assert checked.text[edit.span.start : edit.span.end] == written
    assert edit.text == TRANSLATED[written]


@pytest.mark.parametrize("written", TRANSLATED)
def test_the_translation_is_lingua(written: str, check) -> None:
    checked = check(f"let it = {TRANSLATED[written]}", timeframe="5m")
    # Some translations name indicators that the small registry of these tests does not have.
    assert set(checked.codes) <= {"L0202"}, checked.said()


def test_what_has_no_counterpart_is_said_so(check) -> None:
    checked = check("ta.pivothigh(high, 5, 5)")
    assert checked.codes == ["L0230"]
    assert "there is no `pivothigh` here" in checked.problems[0].help


def test_inputs_are_declared_as_parameters(check) -> None:
    checked = check('let n = input.int(14, "Length")')
    assert checked.codes == ["L0230"]
    assert "`param n = 14`" in checked.problems[0].help


def test_another_symbol_is_declared(check) -> None:
    checked = check('request.security("AAPL", "W", close)')
    assert checked.problems[0].help == "write `close@1w`"
    assert 'data other = "AAPL"' in checked.problems[0].notes[0]


def test_a_users_own_name_comes_before_any_habit(check) -> None:
    assert not check("let C = close\nlet a = C + 1").problems
    assert not check("fn nz(x) = x ?? 0\nlet a = nz(close)").problems
    assert not check("let df = bbands(close, 20)\nlet a = df.upper").problems
