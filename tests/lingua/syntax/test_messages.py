"""What is said about a mistake: its code, where it points, the mend; and that the rest of the file is still read."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Code, Diagnostic, Severity
from lingua.syntax import nodes as n
from lingua.syntax.parse import parse, parse_expression
from lingua.syntax.source import Source

# A line of a strategy, the slug of its one message, what it underlines, and a part of its help.
LINES = [
    # signs of other languages
    ("let x := 3", "wrong-sign", ":=", "`=`"),
    ("let x = a && b", "foreign-operator", "&&", "`and`"),
    ("let x = a || b", "foreign-operator", "||", "`or`"),
    ("let x = a & b", "foreign-operator", "&", "`and`"),
    ("let x = !a", "foreign-operator", "!", "`not`"),
    ("let x = a ** 2", "foreign-operator", "**", "`^`"),
    ("let x = a <> b", "foreign-operator", "<>", "`!=`"),
    ("let x = a =< b", "foreign-operator", "=<", "`<=`"),
    ("let x = a ≥ b", "foreign-operator", "≥", "`>=`"),
    ("let x = $100", "foreign-operator", "$", "`100 USD`"),
    ("let x = a % 2", "modulo", "%", "mod(a, b)"),
    ("let x = 10 %", "modulo", "10 %", "`10%` without a blank"),
    ("let x = 'text'", "other-quotes", "'text'", '`"text"`'),
    ("let x = “text”", "other-quotes", "“text”", '`"text"`'),
    ("let x = a < b < c", "chained-comparison", "<", "… b and b < …"),
    ("rule r: a = b => buy", "equals-in-condition", "=", "`==`"),
    ("rule r: a => b => buy", "arrow-as-comparison", "=>", "`>=`"),
    ("let x = ema(close, length=12)", "wrong-sign", "=", "`length: …`"),
    ("let x = time > 2024-01-01", "bare-date", "2024-01-01", 'date("2024-01-01")'),
    # words
    ("rule r: a AND b => buy", "misspelt-word", "AND", "`and`"),
    ("rule r: NOT a => buy", "misspelt-word", "NOT", "`not`"),
    ("rule r: a crossover b => buy", "misspelt-word", "crossover", "`crosses above`"),
    ("rule r: a cross under b => buy", "misspelt-word", "cross under", "`crosses below`"),
    ("rule r: a crosses abov b => buy", "misspelt-word", "abov", "`above`"),
    ("rule r: c => buy 100 shres", "misspelt-word", "100 shres", "`100 shares`"),
    ("rule r: c => buy 100 usd", "misspelt-word", "100 usd", "`100 USD`"),
    ("rule r: c => buy 50 percent", "misspelt-word", "50 percent", "`50%`"),
    ("let x = f(14 days)", "misspelt-word", "14 days", "`14d`"),
    ("trade BTCUSDT @ 1 day", "bad-number", "1 day", "`1d`"),
    ("let x = close@60", "bad-number", "60", "`60m`"),
    ("data e = ETHUSDT @ 7x", "bad-number", "7x", "write a timeframe"),
    # phrases of orders, exits and conditions
    ("rule r: a => buy 10% stop 5%", "missing", "stop", "`with stop …`"),
    ("rule r: a => buy 10% take profit 5%", "missing", None, "`with target …`"),
    ("rule r: a => buy with stop loss 5%", "misspelt-word", "stop loss", "`stop`"),
    ("rule r: a => buy with stop 5%, take profit 9%", "misspelt-word", "take profit", "`target`"),
    ("rule r: a => buy with trailing stop 5%", "misspelt-word", "trailing stop", "`trail`"),
    ("rule r: a => buy with stop=5%", "unexpected", "=", "`stop 5%`"),
    ("rule r: a => buy with stop 5% and target 9%", "unexpected", "and", "`…, target 9%`"),
    ("rule r: a => buy 9 at limit c for 2 bars show 1", "unexpected", "show", "before `for …`"),
    ("rule r: a => buy at 100", "unknown-word", "100", "`at limit 100`"),
    ("rule r: a => go long", "unknown-word", "go long", "`buy`"),
    ("rule r: a => exit short", "unknown-word", "exit short", "`cover`"),
    ("rule r: a > b, c > d => buy", "unexpected", ",", "`and`"),
    ("rule r: when a > b => buy", "unexpected", "when", "leave out `when`"),
    ("rule r: a is above b => buy", "unexpected", "is above", "`>`"),
    ("rule r: a below b => buy", "unexpected", "below", "`<`, or `crosses below`"),
    ("rule r: time > 9:30 => buy", "unexpected", "9:30", "time in session"),
    ("rule r: volume > 1M => buy", "bad-number", "1M", "`1_000_000`"),
    ("param n = 5..30", "missing", "5", "`= 30 in 5..30`"),
    ("param n = 14 from 5..30", "unexpected", "from", "`in 5..30`"),
    ("risk 1%", "missing", "1%", "`size: risk 1%`"),
    ("stop_loss 5%", "unknown-item", "stop_loss", "protect { stop 5% }"),
    ("commission 0.1%", "unknown-item", "commission", "execution { commission: … }"),
    ("max_drawdown 10%", "unknown-item", "max_drawdown", "risk { max_drawdown … }"),
    ("timeframe 1h", "unknown-item", "timeframe", "`trade BTCUSDT @ 1h`"),
    ("initial_capital 1000", "unknown-item", "initial_capital", "--capital 100000"),
    ("param n = 14 in 7 to 28", "misspelt-word", "to", "`..`"),
    ("rule r: x not in {1, 2} => buy", "not-in", "not in", "not (x in {1, 2})"),
    ("rule r: a and then b => buy", "unexpected", "then", "`and` alone"),
    ("let x = if a then b elif c then d else e", "else-statement", "elif", "`else if`"),
    ("let x = if a b else c", "missing", "b", "if a > b then x else y"),
    ("indcator x = 5", "unknown-item", "indcator", "`indicator`"),
    ("lett x = 5", "unknown-item", "lett", "`let`"),
    ("foo bar baz", "unknown-item", "foo", "`indicator`, `let`"),
    ("let rule = 5", "reserved-name", "rule", "`rule_`"),
    ("const x = 5", "wrong-place", "const", "top of the file"),
    ('import "x"', "wrong-place", "import", "top of the file"),
    # the signs of an item
    ("rule x close > open => buy", "missing", "close", "`x: close…`"),
    ("rule r: a > b buy", "missing", "buy", "`=> buy`"),
    ("rule r: a > b then buy", "wrong-sign", "then", "`=>`"),
    ("rule r: a > b -> buy", "wrong-sign", "->", "`=>`"),
    ("rule r = a > b => buy", "wrong-sign", "=", "`:`"),
    ("rule: a > b => buy", "unexpected", ":", "rule name"),
    ("rule r: a => { buy }", "unexpected", "{", "without brackets"),
    ("filter f = a > b", "wrong-sign", "=", "`:`"),
    ("indicator x: ema(close, 12)", "wrong-sign", ":", "`=`"),
    ("let x ema(close, 12)", "missing", "ema", "`x = ema…`"),
    ("data btc BTCUSDT", "missing", "BTCUSDT", "btc = BTCUSDT"),
    ("size = 10%", "unexpected", "=", "`size: …`"),
    ("direction: long", "unexpected", ":", "`direction …`"),
    ("execution { slippage 3bp }", "missing", "3bp", "`slippage: …`"),
    ("risk { max_open: 5 }", "unexpected", ":", "`max_open 5`"),
    ("risk: 1%", "unexpected", ":", "size: risk 1%"),
    # actions
    ("rule r: a => Buy", "unknown-word", "Buy", "`buy`"),
    ("rule r: a => enter", "unknown-word", "enter", "`buy`"),
    ("rule r: a => buy at close", "unknown-word", "close", "at limit close"),
    ("rule r: a => buy at limt close", "unknown-word", "limt", "`at limit`"),
    ("rule r: a => buy with stp 5", "unknown-word", "stp", "`with stop`"),
    ("rule r: a => buy 10% of equty", "unknown-word", "equty", "`of equity`"),
    ("direction sideways", "unknown-word", "sideways", "`long`"),
    ("rule r: a => buy with stop 5 target 6", "missing", "target", "`5, target`"),
    ("rule r: a => buy with stop 5 with target 6", "repeated-part", "with target 6", "one `with`"),
    ("rule r: a => buy & sell | close", "mixed-group", "|", "rule of its own"),
    ("rule r: a => close / 2", "unexpected", "/", "close position / …"),
    ("rule r: a => buy with expire 48 bars", "missing", "", "`expire after …`"),
    ("signal s = long close > open", "missing", "", "`long when …`"),
    ("trade BTC-USD @ 1d", "symbol-needs-quotes", "BTC-USD", '`"BTC-USD"`'),
    ("trade $SPX", "symbol-needs-quotes", "$SPX", '`"$SPX"`'),
    ("pyramid 4", "incomplete", "4", "`step`"),
    # brackets
    ("let x = (a + b", "unclosed-bracket", "(", "`)`"),
    ("let x = ema(close, 12", "unclosed-bracket", "(", "`)`"),
    ("let x = a + b)", "stray-closing", ")", "take it out"),
    ("let x = (a + b]", "wrong-sign", "]", "`)`"),
    ("let x = ema(close 12)", "missing", "12", "`close, 12`"),
    ("let x = match { a => b }", "missing", "}", "else => na"),
    # literals
    ('let x = "abc', "unclosed-string", '"abc', '`"`'),
    (r'let x = "\q"', "bad-escape", r"\q", r"`\\`"),
    ("let x = 1H", "bad-number", "1H", "`1h`"),
    ("let x = 15min", "bad-number", "15min", "`15m`"),
    ("let x = 10bps", "bad-number", "10bps", "`10bp`"),
    ("let x = 5k", "bad-number", "5k", "`5_000`"),
    ("let x = 100,000 USD", "bad-number", "100,000 USD", "`100_000 USD`"),
    ("let x = 1e999", "number-too-large", "1e999", "1e308"),
    ("let x = " + "9" * 400, "number-too-large", "9" * 400, "1e308"),
    ("let x = 99999999999999999999", "number-too-large", "99999999999999999999", "1e+20"),
    ("let x = é", "bad-character", "é", "a-z"),
    ("let x = \x00 1", "bad-character", "\x00", "take it out"),
    ("let x = (a)(b)", "not-a-function", "(a)", "f(x)"),
    ("let x = ema(close, 12).shift(1)", "not-a-function", "shift", "shift(…)"),
    # unfinished
    ("let x =", "incomplete", "=", "after `=`"),
    ("let x = close > open ? 1", "incomplete", "1", "`:`"),
    ("let x = a b", "unexpected", "b", "an operator"),
    # statements
    ("x = ema(close, 12)", "bare-assignment", "x = ema(close, 12)", "let x = ema(close, 12)"),
    ("[a, b] = macd(close)", "bare-assignment", "[a, b] = macd(close)", "let (a, b) = macd(close)"),
    ("x := x + 1", "reassignment", "x := x + 1", "state x = 0 => prev + 1"),
    ("x -= 1", "reassignment", "x -= 1", "state x = 0 => prev - 1"),
    ("var x = 0", "declaration", "var x = 0", "state x = 0 => prev"),
    ("def x = close;", "declaration", "def x = close;", "let x = close"),
    ("variables: x(0);", "declaration", "variables: x(0);", "state x = 0"),
    ("inputs: len(10);", "inputs", "inputs: len(10);", "param len = 10"),
    ("len = input.int(14)", "inputs", "len = input.int(14)", "param len = 14"),
    ("def f(x):\n    return x", "function-habit", "def f(x):", "fn f(x) = …"),
    ("f(x) => x + 1", "function-habit", "f(x) => x + 1", "fn f(x) = x + 1"),
    ("if a > b:\n    buy()", "if-statement", "if a > b:", "rule enter: a > b => buy"),
    ("if (a > b) {\n    strategy.close()\n  }", "if-statement", "if (a > b) {", "rule leave: a > b => close"),
    ("If a > b then Sell Short next bar at market;", "if-statement", None, "rule enter: a > b => short"),
    ("rule r: if a > b then buy", "if-statement", "if a > b then buy", "rule r: a > b => buy"),
    ("else", "else-statement", "else", "rule of its own"),
    ("for i in range(10):\n    x = 3", "loop", "for i in range(10):", "sum over"),
    ("while true", "loop", "while true", "state"),
    ("Buy next bar at market;", "order-habit", "Buy next bar at market;", "=> buy"),
    ('strategy.entry("long", strategy.long)', "order-habit", None, "=> buy"),
    ("buy", "order-habit", "buy", "=> buy"),
    ('strategy("x", overlay=true)', "strategy-call", 'strategy("x", overlay=true)', "strategy Name"),
    ('indicator("x", overlay=true)', "strategy-call", None, "strategy Name"),
    ("plot(close, color=color.red)", "plot-call", "plot(close, color=color.red)", "plot: close"),
    ("plot x = close", "plot-call", "plot x = close", "plot: close"),
    ("plotshape(a, style=b)", "plot-call", "plotshape(a, style=b)", "plot: a"),
    ('alert("x")', "foreign-statement", 'alert("x")', "alert name"),
    ("import numpy as np", "foreign-statement", "import numpy as np", "import"),
    # swallowed by the bare verb above
    ("rule r: a => buy\n  plot (a+b)/2", "swallowed-statement", "plot", "`plot:`"),
    ("rule r: a => buy\n  plot -a", "swallowed-statement", "plot", "`plot:`"),
    ("rule r: a => cancel\n  require (a > b)", "swallowed-statement", "require", "`require:`"),
]


def in_strategy(line: str) -> str:
    return f"strategy S {{\n  let before = 1\n  {line}\n  rule after: close > before => buy\n}}\n"


@pytest.mark.parametrize(("line", "slug", "underlined", "help"), LINES, ids=[line[:40] for line, *_ in LINES])
def test_one_mistake_gives_one_message_and_one_mend(line: str, slug: str, underlined: str | None, help: str) -> None:
    source = Source("x.lingua", in_strategy(line))
    file, problems = parse(source)
    assert [problem.code.slug for problem in problems] == [slug], [(p.code.slug, p.message) for p in problems]
    (problem,) = problems
    assert help in problem.help
    if underlined is not None:
        assert source.excerpt(problem.span) == underlined
    (strategy,) = file.items
    assert isinstance(strategy, n.Strategy)
    names = [getattr(item, "name", None) for item in strategy.items]
    assert isinstance(strategy.items[0], n.Let)
    assert names[-1] == "after", "the item after the mistake is read"


@pytest.mark.parametrize(
    ("line", "slug"), [(line, slug) for line, slug, *_ in LINES], ids=[line[:40] for line, *_ in LINES]
)
def test_a_fix_mends(line: str, slug: str) -> None:
    """Applying a fix leaves no mistake of that kind, and no other in its place."""
    source = Source("x.lingua", in_strategy(line))
    _, problems = parse(source)
    for fix in problems[0].fixes:
        text = source.text
        for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        assert parse(Source("x.lingua", text))[1] == (), text


def slugs(text: str) -> list[str]:
    return [problem.code.slug for problem in parse(Source("x", text))[1]]


def test_a_missing_brace_points_to_the_one_that_opens() -> None:
    text = "strategy A {\n  let x = 1\n\nstrategy B {\n  let y = 2\n}\n"
    file, problems = parse(Source("x", text))
    assert [(p.code.slug, p.span.start) for p in problems] == [("unclosed-block", text.index("{"))]
    assert [getattr(item, "name", "") for item in file.items] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("strategy A {\n  let x = 1\n", ["unclosed-block"]),
        ("strategy A {\n  risk { max_open 5\n  rule r: a => buy\n}\n", ["unclosed-block"]),
        ("strategy A {\n  risk { max_open 5\n  let x = 3\n}\n", ["unclosed-block"]),
        ("strategy A {\n  execution { slippage: 3bp\n  rule r: a => buy\n}\n", ["unclosed-block"]),
        ("strategy A\n  let x = 1\n}\n", ["missing"]),
        ("strategy A { let x = 1 } }\n", ["stray-closing"]),
        ("strategy A {\n  /* open\n  let x = 1\n}\n", ["unclosed-comment"]),
        ("let x = 1\nstrategy S { }\n", ["wrong-place"]),
        ("fn f(x) => x + 1\nstrategy S { }\n", ["wrong-sign"]),
        ("fast = 12\n", ["bare-assignment"]),
        ("class Foo(Strategy):\n    def init(self):\n        self.x = 3\n", ["foreign-statement"]),
        ("", []),
        ("// nothing but a comment", []),
    ],
)
def test_the_shape_of_a_file(text: str, expected: list[str]) -> None:
    assert slugs(text) == expected


def test_all_mistakes_of_a_file_are_said() -> None:
    text = """
strategy S {
  indicator a =
  indicator b = ema(
  indicator c = 5 +
  rule r: a > => buy
  rule s: b > 1 => buy at clse
  execution { slippage: ; fees: "x" }
  let ok = 1
}
"""
    assert slugs(text) == ["incomplete", "unclosed-bracket", "incomplete", "unexpected", "unknown-word", "unexpected"]
    file, _ = parse(Source("x", text))
    assert set(file.broken) == {"a", "c"}


def test_a_pine_script_is_translated_line_by_line() -> None:
    text = """//@version=5
strategy("My", overlay=true)
len = input.int(14, "Length")
fast = ta.ema(close, len)
var count = 0
count := count + 1
if ta.crossover(fast, slow)
    strategy.entry("long", strategy.long)
plot(fast, color=color.red)
"""
    assert slugs(text) == [
        "pine-version",
        "strategy-call",
        "inputs",
        "bare-assignment",
        "declaration",
        "if-statement",
        "plot-call",
    ]


def test_an_easylanguage_script_is_translated_line_by_line() -> None:
    text = """inputs: Length(14), Factor(2);
variables: mid(0);
mid = Average(Close, Length);
If Close crosses over mid then Buy next bar at market;
If Close crosses under mid then Sell next bar at market;
"""
    assert slugs(text) == ["inputs", "declaration", "bare-assignment", "if-statement", "if-statement"]


def test_a_call_in_the_style_of_pine_is_an_expression() -> None:
    for text in ("ta.ema(close, 12)", 'strategy_.entry("x")', "close[-1]", "close.shift(-1)", "math.max(a, b)"):
        assert parse_expression(text)[1] == ()


def test_an_expression_with_a_mistake_says_it() -> None:
    tree, problems = parse_expression("1 +")
    assert tree is None
    assert [problem.code.slug for problem in problems] == ["incomplete"]
    tree, problems = parse_expression("a && b")
    assert tree == n.Binary("and", n.Name("a"), n.Name("b"))
    assert [problem.code.slug for problem in problems] == ["foreign-operator"]


def catalogue() -> list[Code]:
    return [value for value in vars(codes).values() if isinstance(value, Code)]


def test_codes_are_of_the_family_and_unique() -> None:
    numbers = [code.number for code in catalogue()]
    assert len(numbers) == len(set(numbers))
    assert len({code.slug for code in catalogue()}) == len(numbers)
    assert all(re.fullmatch(r"L01\d\d", number) for number in numbers)


def said(problems: Sequence[Diagnostic]) -> set[str]:
    return {problem.code.slug for problem in problems}


def test_every_code_about_text_is_given_by_some_case_above() -> None:
    given = {slug for _, slug, *_ in LINES} | {"unclosed-block", "unclosed-comment", "pine-version"}
    elsewhere = {"too-large", "not-utf8", "unreadable", "too-many-errors", "artefact-differs", "broken-artefact"}
    assert {code.slug for code in catalogue()} - given == elsewhere


def test_only_the_hint_is_not_an_error() -> None:
    assert [code.slug for code in catalogue() if code.severity is not Severity.ERROR] == ["pine-version"]


@pytest.mark.parametrize(
    ("call", "verb"),
    [
        ('strategy.entry("L", strategy.long)', "buy"),
        ('strategy.entry("S", strategy.short, qty=(1 + 2))', "short"),
        ('strategy.close("L")', "close"),
        ("self.sell(size=1)", "sell"),
    ],
)
def test_a_broker_s_call_behind_the_arrow_is_told_as_a_verb(call: str, verb: str) -> None:
    _, problems = parse(Source("x", f"strategy S {{\n  rule x: close > 1 => {call}\n  rule y: close < 1 => sell\n}}"))
    assert [problem.code.number for problem in problems] == ["L0142"]
    assert f"`=> {verb}`" in problems[0].help


BELOW_A_BARE_VERB = [
    ("if close > open:\n    buy", "if-statement", "rule enter: close > open => buy"),
    ('if close > open\n    strategy.entry("L", strategy.long)', "if-statement", "rule enter: close > open => buy"),
    ("if close > open then buy", "if-statement", "rule enter: close > open => buy"),
    ("if (close > open) {\n    buy\n  }", "if-statement", "rule enter: close > open => buy"),
    ("else:\n    buy", "else-statement", "rule of its own"),
    ("x = close", "bare-assignment", "`let x = close`"),
    ("var x = 0.0", "declaration", "state x"),
    ("for i in range(3):\n    y", "loop", "highest(high, 20)"),
    ("n = input.int(14)", "inputs", "param n = 14"),
    ("plotshape(close > open)", "plot-call", "plot: close > open"),
    ("buy(1)", "order-habit", "=> buy"),
]


@pytest.mark.parametrize(("line", "slug", "help"), BELOW_A_BARE_VERB)
def test_a_statement_below_a_bare_verb_is_not_its_amount(line: str, slug: str, help: str) -> None:
    text = "strategy S {\n  rule a: c => sell\n  " + line + "\n  rule b: d => close\n}\n"
    file, problems = parse(Source("f.lingua", text))
    assert [problem.code.slug for problem in problems] == [slug]
    assert help in problems[0].help
    (strategy,) = file.items
    assert isinstance(strategy, n.Strategy)
    assert [item.name for item in strategy.items if isinstance(item, n.Rule)] == ["a", "b"]


def test_a_choice_below_a_bare_verb_is_its_amount() -> None:
    text = "strategy S {\n  rule a: c => sell\n  if close > open then 5 else 6\n}\n"
    assert slugs(text) == []
