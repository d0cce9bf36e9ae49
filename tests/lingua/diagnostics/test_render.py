"""How a diagnostic looks. Each case is the text a user reads."""

import json
from textwrap import dedent

from lingua.diagnostics.diagnostic import Code, Diagnostic, Edit, Fix, Label, Severity
from lingua.diagnostics.render import count_line, render, render_all, to_json
from lingua.syntax.source import Source, Span

UNIT = Code("L0210", "unit-mismatch", Severity.ERROR, "{left} and {right} differ")
UNUSED = Code("L0205", "unused", Severity.WARNING, "`{name}` is never used")


def at(text: str, part: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = text.index(part, start + 1)
    return Span(start, start + len(part))


def shown(text: str, span: Span, **more) -> str:
    more.setdefault("code", UNIT)
    return render_all([Diagnostic(message="message", source=Source("a.lingua", text), span=span, **more)])


def test_the_place_is_underlined_and_the_help_follows() -> None:
    text = "strategy A {\n  rule enter: close[-1] > fast => buy\n}\n"
    item = Diagnostic(
        Code("L0301", "look-ahead", Severity.ERROR, ""),
        "`close[-1]` reads a bar that has not closed",
        Source("cross.lingua", text),
        at(text, "close[-1]"),
        help="write `close[1]` for the bar before this one",
    )
    assert render_all([item]) == dedent("""\
        error[L0301]: `close[-1]` reads a bar that has not closed
         --> cross.lingua:2:15
          |
        2 |   rule enter: close[-1] > fast => buy
          |               ^^^^^^^^^
          = help: write `close[1]` for the bar before this one
        """)


def test_labels_on_one_line_share_it() -> None:
    text = "filter calm: atr(14) < 2%"
    out = shown(text, at(text, "atr(14)"), label="price", labels=(Label(at(text, "2%"), "ratio"),))
    assert out.splitlines()[3:] == [
        "1 | filter calm: atr(14) < 2%",
        "  |              ^^^^^^^   -- ratio",
        "  |              price",
    ]


def test_three_labels_hang_from_right_to_left() -> None:
    text = "aa bb cc"
    labels = (Label(at(text, "bb"), "second"), Label(at(text, "cc"), "third"))
    assert shown(text, at(text, "aa"), label="first", labels=labels).splitlines()[3:] == [
        "1 | aa bb cc",
        "  | ^^ -- -- third",
        "  | |  second",
        "  | first",
    ]


def test_labels_about_the_same_place_are_joined() -> None:
    text = "aa"
    out = shown(text, at(text, "aa"), label="one", labels=(Label(at(text, "aa"), "two"),))
    assert out.splitlines()[-1] == "  | ^^ one, two"


def test_labels_on_other_lines_show_those_lines() -> None:
    text = "let x = 1\n\n\nlet x = 2\n"
    out = shown(text, at(text, "x", 1), labels=(Label(at(text, "x"), "first defined here"),))
    assert out.splitlines()[1:] == [
        " --> a.lingua:4:5",
        "  |",
        "1 | let x = 1",
        "  |     - first defined here",
        "...",
        "4 | let x = 2",
        "  |     ^",
    ]


def test_a_span_over_lines_marks_the_first_and_the_last() -> None:
    text = "let x = (a +\n  b +\n  c)\n"
    out = shown(text, at(text, "(a +\n  b +\n  c)"), label="this")
    assert out.splitlines()[3:] == ["1 | let x = (a +", "  |         ^^^^", "...", "3 |   c)", "  |   ^^ this"]


def test_tabs_and_wide_characters_keep_the_marks_in_place() -> None:
    text = "\tlet 値 = x"
    lines = shown(text, at(text, "x")).splitlines()
    assert lines[3] == "1 |     let 値 = x"
    assert lines[4] == "  |              ^"


def test_the_end_of_the_file_can_be_marked() -> None:
    assert shown("strategy A {", Span(12, 12)).splitlines()[4] == "  |             ^"
    assert shown("", Span(0, 0)).splitlines()[4] == "  | ^"


def test_a_span_outside_the_text_is_clipped() -> None:
    assert "a.lingua:1:3" in shown("ab", Span(900, 1000))


def test_a_long_line_is_cut_around_the_mark() -> None:
    text = "x" * 500 + "HERE" + "y" * 500
    line, marks = shown(text, at(text, "HERE")).splitlines()[3:5]
    assert len(line) < 130
    assert line[marks.index("^") :][:4] == "HERE"
    assert marks.count("^") == 4
    assert line.startswith("1 | ...")
    assert line.endswith("...")


def test_a_mark_longer_than_the_line_limit_is_cut_too() -> None:
    lines = shown("x" * 4000, Span(0, 4000)).splitlines()
    assert max(map(len, lines)) < 130


def test_control_characters_never_reach_the_terminal() -> None:
    text = "let \x1b[31mx\u202e = 1"
    out = shown(text, at(text, "="), help="\x1b[2J")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_colour_only_adds_escapes() -> None:
    text = "filter calm: atr(14) < 2%"
    item = Diagnostic(UNIT, "m", Source("a", text), at(text, "2%"), label="ratio", notes=("why",), help="h")
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", render(item, colour=True)) == render(item)
    assert "\x1b" not in render(item)


def test_a_help_of_several_lines_is_indented() -> None:
    out = shown("ab", Span(0, 1), help="write:\n    x = 1")
    assert out.splitlines()[-2:] == ["  = help: write:", "              x = 1"]


def test_json_has_places_and_fixes() -> None:
    text = "a\n  b[-1]\n"
    span = at(text, "b[-1]")
    item = Diagnostic(UNUSED, "m", Source("f", text), span, help="h", fixes=(Fix("title", (Edit(span, "b[1]"),)),))
    data = json.loads(json.dumps(to_json(item)))
    assert (data["code"], data["severity"], data["file"]) == ("L0205", "warning", "f")
    assert (data["line"], data["column"], data["end_line"], data["end_column"]) == (2, 3, 2, 8)
    assert data["fixes"] == [
        {
            "title": "title",
            "edits": [{"line": 2, "column": 3, "end_line": 2, "end_column": 8, "text": "b[1]"}],
        }
    ]


def test_counts_are_told_by_severity() -> None:
    source = Source("f", "x")
    items = [Diagnostic(UNIT, "", source, Span(0, 1)), Diagnostic(UNUSED, "", source, Span(0, 1))] * 2
    assert count_line(items) == "2 errors, 2 warnings"
    assert count_line([]) == ""
