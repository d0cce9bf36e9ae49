"""Hostile input gives a diagnostic, quickly and in little memory; nothing raises."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from mutations import junk, mutated
from sketch_programs import Sketch
from test_parse import everything

from lingua.diagnostics.diagnostic import Severity
from lingua.syntax.format import format_file, format_text
from lingua.syntax.parse import DEEPEST, LARGEST_FILE, MOST_TOKENS, decode_source, parse, parse_expression, read_source
from lingua.syntax.source import Source

SECONDS = 2.0


def rule(condition: str) -> str:
    return f"strategy S {{\n  rule r: {condition} => buy\n}}"


HOSTILE = {
    "ten megabytes of junk": random.Random(1).randbytes(5_000_000).decode("latin-1") * 2,
    "a megabyte of junk": random.Random(2).randbytes(600_000).decode("latin-1"),
    "a thousand parentheses": rule("(" * 1000 + "1" + ")" * 1000),
    "parentheses without end": rule("(" * 100_000),
    "a sum of a million terms": rule("+".join(["1"] * 1_000_000)),
    "a sum of 25,000 terms": rule("+".join(["1"] * 25_000)),
    "not not not": rule("not " * 2000 + "a"),
    "minus minus": rule("-" * 2000 + "a"),
    "powers": rule("^".join(["a"] * 2000)),
    "choices": rule("a ? b : " * 2000 + "c"),
    "ifs": rule("if a then b else " * 2000 + "c"),
    "indices": rule("a" + "[1]" * 2000),
    "calls": rule("f(" * 2000 + "1" + ")" * 2000),
    "folds": rule("sum over (i in 0..1: " * 600 + "1" + ")" * 600),
    "types": "strategy S { let x: " + "a<" * 2000 + "b" + ">" * 2000 + " = 1 }",
    "open brackets": rule("[" * 2000),
    "open braces": "strategy S {" * 10_000,
    "closing braces": "}" * 59_000,
    "quotes": '"' * 59_000,
    "open comments": "/*" * 500_000,
    "comments": "#\n" * 500_000,
    "a long name": "a" * 1_000_000,
    "a million digits": rule("9" * 1_000_000),
    "digits behind the point": rule("1." + "9" * 1_000_000),
    "a huge exponent": rule("1e" + "9" * 1_000_000),
    "NUL bytes": "\0" * 1_000_000,
    "a long wait for the keyword": "extern" + " " * 900_000 + "fn",
    "thousands of broken rules": "strategy S {\n" + "rule r: a > => buy\n" * 8000 + "}",
    "thousands of assignments": "strategy S {\n" + "x = 5\n" * 19_000 + "}",
    "thousands of misspellings": "strategy S {\n" + "indcator x = 5\n" * 11_000 + "}",
    "a chain of comparisons": rule("<".join(["a"] * 20_000)),
    "half a character": "\ud800" * 1000,
}
HARMLESS = {
    "slashes": "/" * 1_000_000,
    "empty lines": "\n" * 1_000_000,
    "blanks inside an amount": "strategy S { let x = 5" + " " * 900_000 + "bars }",
    "underscores": "strategy S { let x = 1" + "_" * 1_000_000 + " }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gives_a_diagnostic_in_time(name: str) -> None:
    began = time.process_time()
    _, problems = parse(Source("x", HOSTILE[name]))
    assert time.process_time() - began < SECONDS
    assert any(problem.severity is Severity.ERROR for problem in problems)
    assert len(problems) <= 101


@pytest.mark.parametrize("name", HARMLESS)
def test_strange_but_right_text_is_read_and_written_in_time(name: str) -> None:
    began = time.process_time()
    text, problems = format_text(HARMLESS[name])
    assert time.process_time() - began < SECONDS
    assert problems == ()
    assert text is not None


def test_an_expression_at_the_limit_is_read_and_written() -> None:
    for text in (
        "(" * (DEEPEST - 1) + "a" + ")" * (DEEPEST - 1),
        " + ".join(["a"] * DEEPEST),
        " and ".join(["a"] * DEEPEST),
        "not " * (DEEPEST - 1) + "a",
    ):
        source = Source("x", rule(text))
        file, problems = parse(source)
        assert problems == ()
        written = format_file(file, source)
        assert "".join(written.split()) == "".join(source.text.split())
        assert format_text(written)[0] == written


def test_an_expression_over_the_limit_says_so_and_the_next_rule_is_read() -> None:
    text = f"strategy S {{\n  let deep = {' + '.join(['a'] * (DEEPEST + 2))}\n  rule r: a => buy\n}}"
    file, problems = parse(Source("x", text))
    assert [problem.code.number for problem in problems] == ["L0190"]
    assert str(DEEPEST) in problems[0].message
    assert len(file.items[0].items) == 1  # type: ignore[union-attr]
    assert file.broken == ("deep",)


def test_the_limits_of_a_file() -> None:
    fits = "strategy S {" + "let x=1 " * ((MOST_TOKENS - 4) // 4) + "}"
    assert parse(Source("x", fits))[1] == ()
    assert [p.code.number for p in parse(Source("x", fits + "\n" + "strategy T { let y = 1 }"))[1]] == ["L0190"]
    assert parse(Source("x", " " * LARGEST_FILE))[1] == ()
    assert [p.code.number for p in parse(Source("x", " " * (LARGEST_FILE + 1)))[1]] == ["L0190"]
    assert [p.code.number for p in parse(Source("x", "// " + "é" * (LARGEST_FILE // 2)))[1]] == ["L0190"]
    assert parse_expression("1" * 2 * LARGEST_FILE)[0] is None


def test_a_file_that_is_not_utf8_is_reported_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "latin.lingua"
    path.write_bytes(b"strategy S {\n  // caf" + b"\xe9\n}\n")
    source, (problem,) = read_source(path)
    assert problem.code.slug == "not-utf8"
    assert "byte 21" in problem.message
    assert source.position(problem.span.start) == (2, 9)
    assert "UTF-8" in problem.help


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    _, (problem,) = read_source(tmp_path / "missing.lingua", "missing.lingua")
    assert problem.code.slug == "unreadable"
    assert "no such file" in problem.message
    assert problem.source.name == "missing.lingua"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.lingua"
    path.write_bytes(b" " * (LARGEST_FILE + 10))
    _, (problem,) = read_source(path)
    assert problem.code.number == "L0190"


def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.lingua"
    path.write_bytes(b"\xef\xbb\xbflingua 1\r\nstrategy S {\r\n}\r\n")
    source, problems = read_source(path)
    assert problems == ()
    assert source.text == "lingua 1\nstrategy S {\n}\n"
    assert decode_source(b"", "empty")[0].text == ""


def test_more_mistakes_than_a_reader_wants_are_cut_off() -> None:
    text = "strategy S {\n" + "".join(f"  foo{i} bar\n" for i in range(500)) + "}"
    _, problems = parse(Source("x", text))
    assert len(problems) == 101
    assert [problem.code.slug for problem in problems].count("too-many-errors") == 1


def test_broken_programs_never_raise_and_what_parses_is_written_and_read_again() -> None:
    rng = random.Random(4)
    sketch = Sketch(9)
    whole = everything()
    for round in range(1200):
        program = whole if round % 20 == 0 else sketch.program()
        text = junk(rng) if round % 7 == 0 else mutated(program, rng)
        source = Source("x", text)
        file, problems = parse(source)
        for problem in problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text), text
            assert problem.help, text
            assert problem.message, text
        if all(problem.severity is not Severity.ERROR for problem in problems):
            written = format_file(file, source, str)
            again, found = parse(Source("y", written))
            assert found == () or found[0].severity is not Severity.ERROR, text
            assert again == file, text
            assert len(again.comments) == len(file.comments), text
            assert format_file(again, Source("y", written), str) == written, text
