"""Every construct of the specification parses to its tree; the sketch is a subset."""

from __future__ import annotations

from typing import Any

import pytest
from sketch_programs import Sketch, SmallParser, shape, soft_names
from specification import ACTIONS, EXPRESSIONS, ITEMS, REFUSED, TOPS, lines

from lingua.structs import Struct, fields
from lingua.syntax import nodes as n
from lingua.syntax.format import format_file
from lingua.syntax.parse import parse, parse_expression
from lingua.syntax.source import Source


def read(text: str) -> n.File:
    file, problems = parse(Source("test.lingua", text))
    assert not problems, [(problem.code.number, problem.message) for problem in problems]
    return file


def item(text: str) -> Any:
    (strategy,) = read(f"strategy S {{\n{text}\n}}").items
    assert isinstance(strategy, n.Strategy)
    return strategy.items[0]


def action(text: str) -> n.Action:
    rule: n.Rule = item(f"rule r: c => {text}")
    return rule.group.actions[0]


def expression(text: str) -> Any:
    tree, problems = parse_expression(text)
    assert not problems, [problem.message for problem in problems]
    return tree


@pytest.mark.parametrize("text", lines(EXPRESSIONS))
def test_expressions_of_the_specification_parse(text: str) -> None:
    call = f"f({text})" if " up to " in text else text
    assert expression(call) is not None
    assert isinstance(item(f"let v = {call}"), n.Let)


@pytest.mark.parametrize("text", lines(ITEMS))
def test_items_of_the_specification_parse(text: str) -> None:
    item(text)


@pytest.mark.parametrize("text", lines(ACTIONS))
def test_actions_of_the_specification_parse(text: str) -> None:
    action(text)


@pytest.mark.parametrize("text", lines(TOPS))
def test_top_level_items_of_the_specification_parse(text: str) -> None:
    assert len(read(text).items) == 1


@pytest.mark.parametrize(("text", "slug"), REFUSED.items())
def test_spans_that_are_refused_say_why(text: str, slug: str) -> None:
    _, problems = parse(Source("x", text))
    assert [problem.code.slug for problem in problems] == [slug]


# --- meaning of the tree -----------------------------------------------------------------------------------


def test_operators_are_kept_apart() -> None:
    a, b = n.Name("a"), n.Name("b")
    assert expression("a - b") == n.Binary("-", a, b)
    assert expression("not a") == n.Unary("not", a)
    assert expression("-a") == n.Unary("-", a)
    assert expression("a is na") == n.IsNa(a, False)
    assert expression("a is not na") == n.IsNa(a, True)
    assert expression("a crosses under b") == n.Compare("crosses below", a, b)
    assert expression("a crosses over b") == n.Compare("crosses above", a, b)


@pytest.mark.parametrize(
    ("loose", "tight"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("-a ^ b", "-(a ^ b)"),
        ("a ^ -b", "a ^ (-b)"),
        ("a ^ b ^ c", "a ^ (b ^ c)"),
        ("-a * b", "(-a) * b"),
        ("not a and b", "(not a) and b"),
        ("not a == b", "not (a == b)"),
        ("a or b and c", "a or (b and c)"),
        ("a + 1 > b - 1", "(a + 1) > (b - 1)"),
        ("a ?? b or c", "a ?? (b or c)"),
        ("a ?? b ?? c", "(a ?? b) ?? c"),
        ("a or b ? x : y", "(a or b) ? x : y"),
        ("a ? b : c ? d : e", "a ? b : (c ? d : e)"),
        ("if a then b else if c then d else e", "if a then b else (if c then d else e)"),
        ("a.b.c(2)@1d[3]", "((a.b.c(2))@1d)[3]"),
        ("a in b + 1..c", "a in (b + 1)..(c)"),
    ],
)
def test_precedence(loose: str, tight: str) -> None:
    from made_programs import without_parentheses

    tree, _ = parse_expression(tight)
    assert without_parentheses(expression(loose)) == without_parentheses(tree)


def test_parentheses_stay_in_the_tree() -> None:
    assert expression("(close@1h)[1]") != expression("close@1h[1]")
    assert isinstance(expression("(close@1h)[1]").operand, n.Paren)


def test_amounts_are_read_by_what_follows_the_number() -> None:
    assert expression("10 ETH") == n.Quantity("10", 10.0, "ETH")
    assert expression("1 bar") == n.Quantity("1", 1.0, "bars")
    assert expression("100_000 USD") == n.Quantity("100000", 100_000.0, "USD")
    assert expression("10%") == n.Ratio("10%", 0.1)
    assert expression("5bp") == n.Ratio("5bp", 0.0005)
    assert expression("3mo") == n.Duration(3, "mo")
    assert expression("3m") == n.Duration(3, "m")
    assert expression("1.5R") == n.RMultiple("1.5R", 1.5)
    assert expression(".5") == n.Number("0.5", 0.5, False)
    assert expression("1_000") == n.Number("1000", 1000.0, True)


def test_domains_are_kept_apart() -> None:
    assert item("param n = 1 in 2..3") == n.Param(
        "n", None, expression("1"), expression("2"), expression("3"), None, None
    )
    assert item("param n = 1 in {2, 3}") == n.Param(
        "n", None, expression("1"), None, None, (expression("2"), expression("3")), None
    )


def test_exits_keep_level_and_distance_apart() -> None:
    assert action("buy with stop 5").exits == (n.Exit("stop", expression("5")),)
    assert action("buy with stop at 5").exits == (n.Exit("stop", expression("5"), True),)
    assert action("buy with stop at entry after 1R").exits == (
        n.Exit("stop", n.Name("entry"), True, after=n.RMultiple("1R", 1.0)),
    )
    assert action("buy with trail fixed 3").exits == (n.Exit("trail", expression("3"), fixed=True),)
    assert action("buy with stop at -1").exits == (n.Exit("stop", expression("-1"), True),)
    # `at` and `fixed` are names where no value follows them.
    assert action("buy with stop at * 2").exits == (n.Exit("stop", expression("at * 2")),)
    assert action("buy with trail fixed / 2").exits == (n.Exit("trail", expression("fixed / 2")),)


def test_orders_keep_their_kind() -> None:
    assert action("buy at market").order == n.Order("market")
    assert action("buy at open").order == n.Order("open")
    assert action("buy at limit 5 show 2").order == n.Order("limit", limit=expression("5"), show=expression("2"))
    assert action("buy at stop 5 limit 6").order == n.Order("stop_limit", limit=expression("6"), stop=expression("5"))
    assert action("buy at limit 5 for gtc").order == n.Order("limit", limit=expression("5"), life="gtc")
    assert action("buy at limit 5 for n bars") == action("buy at limit 5 for n")


def test_groups_and_else_are_kept_apart() -> None:
    both: n.Rule = item("rule r: c => buy & sell else close & cancel")
    assert both.group.joined_by == "&"
    assert both.otherwise is not None
    assert [a.verb for a in both.otherwise.actions] == ["close", "cancel"]
    assert item("rule r: c => buy | sell").group.joined_by == "|"


def test_clauses_of_an_action_come_in_any_order() -> None:
    assert action('buy tag "x" with stop 5 at market on btc') == action('buy on btc at market with stop 5 tag "x"')


def test_settings_are_words_or_a_value() -> None:
    settings = item(
        "execution { a: hold; b: through 1 ticks; c: 3% per year; d: f(x); e: k * 2\n g: pine\n h: 1m }"
    ).settings
    assert [(s.name, s.words, s.value is not None, s.per) for s in settings] == [
        ("a", ("hold",), False, None),
        ("b", ("through",), True, None),
        ("c", (), True, "year"),
        ("d", (), True, None),
        ("e", (), True, None),
        ("g", ("pine",), False, None),
        ("h", (), True, None),
    ]


def test_new_lines_mean_nothing() -> None:
    text = "strategy S { param n = 3 rule r once : a crosses above b => buy risk 1 % with stop at x , trail fixed 2 }"
    text = text.replace("1 %", "1%")
    spread = "\n".join(text.split(" "))
    assert read(text) == read(spread)


def test_comments_may_stand_between_any_two_words() -> None:
    plain = 'strategy S { rule r: a crosses above b => buy 10 ETH at limit close with stop at x tag "t" }'
    words = plain.replace("10 ETH", "10/**/ETH").split(" ")
    file = read(" /* x */ ".join(words) + " // end")
    assert file == read(plain)
    assert len(file.comments) == len(words) + 1
    assert [comment.own_line for comment in file.comments] == [False] * len(file.comments)


def test_comment_signs_inside_quotes_are_text() -> None:
    assert item('plot x pane "a // b # c /* d"').pane == "a // b # c /* d"


def test_escapes_are_undone() -> None:
    assert expression(r'"a\"b\\c\n\t\u0041"') == n.String('a"b\\c\n\tA')


def test_bare_verbs_end_where_a_statement_begins() -> None:
    for statement in lines(ITEMS):
        if statement.startswith(("plot (", "require (", "size clamp")):
            continue
        strategy = read(f"strategy S {{ rule r: c => buy\n {statement} }}").items[0]
        assert isinstance(strategy, n.Strategy)
        assert strategy.items[0] == item("rule r: c => buy"), statement


def test_bare_verbs_take_soft_words_as_amounts() -> None:
    for name in soft_names():
        for after in ("", "\nrule b: c => sell", "\nindicator x = 1"):
            strategy = read(f"strategy S {{ rule a: c => buy {name}{after} }}").items[0]
            assert isinstance(strategy, n.Strategy)
            assert isinstance(strategy.items[0], n.Rule)
            assert strategy.items[0].group.actions[0].amount == n.Amount(n.Name(name)), name


def test_spans_cover_what_was_read() -> None:
    text = "strategy S {\n  rule up: ema(close, 12) > 1 => buy 10% of cash\n}"
    source = Source("x", text)
    file, _ = parse(source)
    strategy = file.items[0]
    assert isinstance(strategy, n.Strategy)
    rule = strategy.items[0]
    assert isinstance(rule, n.Rule)
    assert isinstance(rule.condition, n.Compare)
    assert rule.group.actions[0].amount
    assert source.excerpt(strategy.span) == text
    assert source.excerpt(strategy.name_span) == "S"
    assert source.excerpt(rule.span) == "rule up: ema(close, 12) > 1 => buy 10% of cash"
    assert source.excerpt(rule.condition.left.span) == "ema(close, 12)"
    assert source.excerpt(rule.group.actions[0].verb_span) == "buy"
    assert source.excerpt(rule.group.actions[0].amount.span) == "10% of cash"


def everything() -> str:
    """A program in which every construct of the specification stands."""
    rules = [f"rule r: c => {text}" for text in lines(ACTIONS)]
    lets = [f"let v = f({text})" for text in lines(EXPRESSIONS)]
    return "\n".join(["lingua 1", *lines(TOPS)[1:], "strategy T {", *lines(ITEMS), *rules, *lets, "}"])


def test_every_node_has_a_span() -> None:
    file = read(everything())
    seen = set()
    stack: list[Any] = [file]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(node)
        elif isinstance(node, Struct):
            seen.add(type(node).__name__)
            assert node.span.end > node.span.start, node
            stack.extend(getattr(node, name) for name, spec in fields(node).items() if spec.compare)
    nodes = {name for name, value in vars(n).items() if isinstance(value, type) and issubclass(value, Struct)}
    assert {name for name in nodes if not name.startswith("_")} - seen == {"Comment", "Span", "Struct"}


# --- the sketch ------------------------------------------------------------------------------------------------


def test_random_programs_of_the_sketch_have_the_tree_of_an_independent_parser() -> None:
    sketch = Sketch(seed=5)
    for _ in range(1500):
        text = sketch.program()
        source = Source("sketch", text)
        file, problems = parse(source)
        assert not problems, text
        assert shape(file.items[0]) == SmallParser(text).program(), text
        written = format_file(file, source, str)
        assert parse(Source("sketch", written))[0] == file, text
