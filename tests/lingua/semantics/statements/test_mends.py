"""What traders of other platforms write: each mistake is told once, and its mend, put in mechanically, mends it."""

from __future__ import annotations

import pytest

import lingua
from lingua.diagnostics.diagnostic import Severity

BUY = "buy 10% with stop 2%"

# A rule as somebody wrote it, the codes told, and the rule after the first mend of each message.
RULES = [
    # Pine
    ("ta.crossover(ta.ema(close, 9), ta.ema(close, 20)) => " + BUY, ["L0230"],
     "ema(close, 9) crosses above ema(close, 20) => " + BUY),
    ("close > open and strategy.position_size == 0 => " + BUY, ["L0230"], "close > open and position == 0 => " + BUY),
    ("close > strategy.position_avg_price * 1.1 => strategy.close_all()", ["L0230", "L0142"],
     "close > entry * 1.1 => close"),
    ("close > open => buy qty=10 with stop 2%", ["L0101"], "close > open => buy 10 with stop 2%"),
    ("close > open => buy 10% stop=low", ["L0101"], "close > open => buy 10% with stop at low"),
    ("2 * nz(close[1]) > open => " + BUY, ["L0230"], "2 * (close[1] ?? 0) > open => " + BUY),
    ("dayofweek == dayofweek.monday => " + BUY, ["L0230", "L0230"], "weekday(time) == 1 => " + BUY),
    # EasyLanguage
    ("close > close of 1 bar ago => " + BUY, ["L0149"], "close > close[1] => " + BUY),
    ("Average(C, 9) crosses over Average(C, 20) => buy 10 shares next bar at market", ["L0230", "L0230", "L0101"],
     "sma(close, 9) crosses over sma(close, 20) => buy 10 shares at market"),
    ("close > open => buy 10% at high stop", ["L0149"], "close > open => buy 10% at stop high"),
    ("close > open => buy 10% this bar on close", ["L0101"], "close > open => buy 10%"),
    ("barssinceentry > 5 => sell", ["L0230"], "bars_in_trade > 5 => sell"),
    ("close > open and time >= 1530 => " + BUY, ["L0210"],
     "close > open and hour(time) * 60 + minute(time) >= 930 => " + BUY),
    # thinkScript
    ("close is greater than open => " + BUY, ["L0149"], "close > open => " + BUY),
    ("close from 2 bars ago is less than or equal to open => " + BUY, ["L0149", "L0149"],
     "close[2] <= open => " + BUY),
    ("close(period = AggregationPeriod.WEEK) > open => " + BUY, ["L0230"], "close@1w > open => " + BUY),
    # Python
    ("df['close'] > df['open'] => " + BUY, ["L0230", "L0230"], "close > open => " + BUY),
    ("close > close.rolling(20).mean() => " + BUY, ["L0230"], "close > sma(close, 20) => " + BUY),
    ("talib.RSI(close, timeperiod=14) < 30 => " + BUY, ["L0230"], "rsi(close, 14) < 30 => " + BUY),
    ("30 < rsi(close, 14) < 70 => " + BUY, ["L0114"], "30 < rsi(close, 14) and rsi(close, 14) < 70 => " + BUY),
    ("(close if close > open else open) > low => " + BUY, ["L0101"],
     "(if close > open then close else open) > low => " + BUY),
    ("close > open == True => " + BUY, ["L0114"], "close > open => " + BUY),
    ("close > open => self.buy(size=0.1)", ["L0142"], "close > open => buy"),
    ("close > open => order_target_percent(asset, 0.1)", ["L0142"], "close > open => target 10%"),
    # MQL
    ("iRSI(NULL, 0, 14, PRICE_CLOSE, 1) < 30 => " + BUY, ["L0230"], "rsi(close, 14) < 30 => " + BUY),
    ("close > open => buy 1 lots with stop 20 points", ["L0149"], "close > open => buy 1 lots with stop 20 ticks"),
    ("close > open => OrderSend(Symbol(), OP_BUY, 1, Ask, 3, 0, 0)", ["L0142"], "close > open => buy"),
    # what anybody may say
    ("close > 200ma => " + BUY, ["L0110"], "close > sma(close, 200) => " + BUY),
    ("close > yesterday high => " + BUY, ["L0149"], "close > high[1] => " + BUY),
    ("close > prev close => " + BUY, ["L0149"], "close > close[1] => " + BUY),
    ("close crosses sma(close, 9) from below => " + BUY, ["L0149"], "close crosses above sma(close, 9) => " + BUY),
    ("close crosses up sma(close, 9) => " + BUY, ["L0149"], "close crosses above sma(close, 9) => " + BUY),
    ("not in position and close > open => " + BUY, ["L0149"], "position == 0 and close > open => " + BUY),
    ("in position and close < open => close", ["L0149"], "position != 0 and close < open => close"),
    ("after 5 days => sell", ["L0149"], "bars_in_trade >= 5 => sell"),
    ("macd(close).histogram > 0 => " + BUY, ["L0209"], "macd(close).hist > 0 => " + BUY),
    ("close > bbands(close, 20, 2) => " + BUY, ["L0218"], "close > bbands(close, 20, 2).upper => " + BUY),
    ("rsi < 30 => " + BUY, ["L0219"], "rsi(close, 14) < 30 => " + BUY),
    ("close > open => sell all", ["L0705"], "close > open => sell "),
    ("close > open => buy 10% sl 5% tp 10%", ["L0103", "L0103"], "close > open => buy 10% with stop 5%, target 10%"),
    ("if close > open => " + BUY, ["L0101"], "close > open => " + BUY),
    ("rsi14 < 30 => " + BUY, ["L0201"], "rsi(close, 14) < 30 => " + BUY),
    ("atr14 / price > 2% => " + BUY, ["L0201", "L0230"], "atr(14) / close > 2% => " + BUY),
    ("volume > 1.5x sma(volume, 20) => " + BUY, ["L0110"], "volume > 1.5 * sma(volume, 20) => " + BUY),
    ("close > open => buy 100 with stop $5", ["L0130"], "close > open => buy 100 with stop 5"),
    ("close > open => buy 0.1 of equity", ["L0708"], "close > open => buy 10% of equity"),
    ("close > open => buy 10% equity", ["L0103"], "close > open => buy 10% of equity"),
    ("pnl > 10% => sell", ["L0210"], "close / entry - 1 > 10% => sell"),
    ("bars since entry > 5 => sell", ["L0149"], "bars_in_trade > 5 => sell"),
    ("close > high(20)[1] => " + BUY, ["L0202"], "close > highest(high, 20)[1] => " + BUY),
    ("weekday(time) == monday => " + BUY, ["L0230"], "weekday(time) == 1 => " + BUY),
    ("close > bollinger(close, 20, 2).upper => " + BUY, ["L0230"], "close > bbands(close, 20, 2).upper => " + BUY),
    ("close > open => buy 10% limit 100", ["L0103"], "close > open => buy 10% at limit 100"),
    ("close > daily(ema(close, 20)) => " + BUY, ["L0230"], "close > (ema(close, 20))@1d => " + BUY),
    ("close > ema(close, 20) on 1w => " + BUY, ["L0149"], "close > ema(close, 20)@1w => " + BUY),
    ("close > max(high) => " + BUY, ["L0217"], "close > highest(high, 20) => " + BUY),
    ("close < min(20) => " + BUY, ["L0217"], "close < lowest(low, 20) => " + BUY),
    ("close > max(high[20]) => " + BUY, ["L0217"], "close > highest(high, 20) => " + BUY),
    ("close > max(high, 20 bars)[1] => " + BUY, ["L0210"], "close > highest(high, 20)[1] => " + BUY),
    ("close > highest(55)[1] => " + BUY, ["L0217"], "close > highest(high, 55)[1] => " + BUY),
    ("close > highest(high)[1] => " + BUY, ["L0217"], "close > highest(high, 20)[1] => " + BUY),
    ("close < lowest(low, open) => " + BUY, ["L0217"], "close < min(low, open) => " + BUY),
    ("volume > avg(volume) => " + BUY, ["L0217"], "volume > avg(volume, 20) => " + BUY),
    ("close > open => buy 10 shares for 3 bars with stop 2%", ["L0103"],
     "close > open => buy 10 shares at market for 3 bars with stop 2%"),
    ("close > open => buy $1000 with stop 2%", ["L0130"], "close > open => buy 1000 USD with stop 2%"),
]  # fmt: skip

# Items in place of the rule.
ITEMS = [
    ("trade AAPL, 1d", ["L0103"], "trade AAPL @ 1d"),
    ("trade AAPL on 1d", ["L0103"], "trade AAPL @ 1d"),
    ("trade AAPL 1d", ["L0103"], "trade AAPL @ 1d"),
    ("rule my entry: close > open => buy 10%", ["L0149"], "rule my_entry: close > open => buy 10%"),
    ("rule r when close > open => buy 10%", ["L0150"], "rule r: close > open => buy 10%"),
    ("enter: close > open => buy 10%", ["L0102"], "rule enter: close > open => buy 10%"),
    ("risk { max drawdown 15% => stop trading }", ["L0149", "L0149"], "risk { max_drawdown 15% => halt }"),
    ("def avg = Average(close, 20);", ["L0136"], "let avg = sma(close, 20)"),
    ("rec n = if close > open then n[1] + 1 else 0;", ["L0136"],
     "state n = 0 => if close > open then prev + 1 else 0"),
    ("var float peak = na\n  peak := math.max(nz(peak[1]), high)", ["L0136"],
     "state peak = 0 => max(prev, high)\n"),
    ("[a, b, c] = ta.macd(close, 12, 26, 9)", ["L0137"], "let (a, b, c) = macd(close, 12, 26, 9)"),
    ("bgcolor(close > open ? color.green : color.red)", ["L0139"], ""),
    ("plot(ta.rsi(close, 14), \"RSI\", color=color.red)", ["L0139"], "plot: rsi(close, 14)"),
    ("double ma = iMA(NULL, 0, 20, 0, MODE_SMA, PRICE_CLOSE, 0);", ["L0136"], "let ma = sma(close, 20)"),
    ("direction both\n  rule s: close < open => sell short 10%", ["L0149"],
     "direction both\n  rule s: close < open => short 10%"),
    ("param n = 20\n  rule r: close < min(low, n)[1] => " + BUY, ["L0210"],
     "param n = 20\n  rule r: close < lowest(low, n)[1] => " + BUY),
    ("param n = 14 range 5..30", ["L0101"], "param n = 14 in 5..30"),
    ("execution { commission: 0.1 }", ["L0732"], "execution { commission: 0.1% }"),
]  # fmt: skip


def program(item: str) -> str:
    return f"strategy S {{\n  trade AAPL @ 1d\n  rule other: close > high[1] => buy 5% with stop 3%\n  {item}\n}}\n"


def mended(text: str) -> tuple[list[str], str]:
    """The codes of the errors of `text`, and `text` with the first mend of each put in."""
    errors = [problem for problem in lingua.compile(text).problems if problem.severity is Severity.ERROR]
    edits = sorted(
        (edit for problem in errors for fix in problem.fixes[:1] for edit in fix.edits),
        key=lambda edit: edit.span.start,
        reverse=True,
    )
    for edit in edits:
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return [problem.code.number for problem in errors], text


@pytest.mark.parametrize(
    ("written", "codes", "right"),
    [*((f"rule r: {rule}", codes, f"rule r: {right}") for rule, codes, right in RULES), *ITEMS],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_a_mistake_is_told_once_and_its_mend_mends_it(written: str, codes: list[str], right: str) -> None:
    source = program(written)
    if written.startswith("trade"):
        source = source.replace("  trade AAPL @ 1d\n", "")
    told, text = mended(source)
    assert told == codes
    assert " ".join(text.split()) == " ".join(source.replace(written, right).split())
    again, _ = mended(text)
    assert again == []


def test_a_block_begun_by_a_colon_is_told_once() -> None:
    told, text = mended("strategy S:\n  trade AAPL @ 1d\n  rule r: close > open => buy 10% with stop 2%\n")
    assert told == ["L0150"]
    assert text.startswith("strategy S {")


def test_what_a_misread_function_defines_is_known() -> None:
    told, _ = mended(program("f(x) => x * 2\n  rule r: f(close) > high => buy 10% with stop 2%"))
    assert told == ["L0141"]


def test_a_number_after_a_dropped_word_is_no_domain() -> None:
    told, _ = mended(program("param slow = 34 in\u00c320..100 step 2"))
    assert told[0] == "L0109"
