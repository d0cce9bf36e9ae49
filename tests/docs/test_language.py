"""Every example of the language's specification, `docs/language/`, is what the prose says it is.

```lingua              a program, or items of a strategy that trades `AAPL @ 1d`; its tests pass
```lingua values       expressions, one a line
```text, ```ebnf       is for reading

What stands behind `#` at the end of a line is checked:

# type: price series   what the definition or expression of the line is: kind or unit, and constancy
# value: 12.5          its value on the last of the bars that close at 10, 12, 11, 13, 12 (also `true`, `false`, `na`)
# error: L0301         what is told about the line; so `# warning: …` and `# hint: …`

No other error may be told; a warning that is not named may be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import lingua
from lingua.backtest.testing import run_tests
from lingua.compiler import compile_source
from lingua.diagnostics.render import render_all
from lingua.semantics.elaborate import elaborate
from lingua.semantics.expressions import Fact
from lingua.syntax.parse import parse
from lingua.syntax.source import Source

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "language"
TOP = re.compile(r"^(?:lingua \d|import |const |fn |extern |strategy |portfolio |universe )", re.MULTILINE)
SAID = re.compile(r"#\s*(type|value|error|warning|hint): *([^#\n]*)")
BARS = "given close = [10, 12, 11, 13, 12]"


@dataclass(frozen=True)
class Example:
    document: str
    line: int
    words: tuple[str, ...]
    text: str

    @property
    def is_values(self) -> bool:
        return "values" in self.words

    @property
    def program(self) -> tuple[str, int]:
        """The whole program, and how many lines stand before the example's first."""
        if self.is_values:
            lines = [
                f"let value{number} = {line}" if line.strip() and not line.lstrip().startswith("#") else line
                for number, line in enumerate(self.text.splitlines())
            ]
            return "strategy Spec {\ntrade AAPL @ 1d\n" + "\n".join(lines) + "\n}\n", 2
        if TOP.search(self.text):
            return self.text, 0
        trades = "" if re.search(r"^\s*trade ", self.text, re.MULTILINE) else "trade AAPL @ 1d"
        return f"strategy Spec {{ {trades}\n{self.text}}}\n", 1


def examples() -> list[Example]:
    found = []
    for document in sorted(FOLDER.glob("*.md")):
        lines = document.read_text("utf-8").splitlines()
        start, words = 0, None
        for number, line in enumerate(lines, 1):
            if words is None and line.startswith("```"):
                start, words = number, tuple(line[3:].split())
            elif words is not None and line == "```":
                if words[:1] == ("lingua",):
                    found.append(Example(document.name, start, words[1:], "\n".join(lines[start : number - 1]) + "\n"))
                else:
                    assert words[:1] in (("text",), ("ebnf",)), f"{document.name}:{start}: no rule for {words}"
                words = None
        assert words is None, f"{document.name}:{start} is not closed"
    return found


EXAMPLES = examples()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.document}:{each.line}")
def test_an_example_is_what_the_specification_says(example: Example) -> None:
    text, before = example.program
    compiled = lingua.compile(text)
    every = [
        (compiled.source.position(problem.span.start)[0] - before, problem.severity.value, problem.code.number)
        for problem in compiled.problems
    ]
    wanted = sorted(
        (number, kind, code)
        for number, line in enumerate(example.text.splitlines(), 1)
        for kind, codes in SAID.findall(line)
        if kind not in ("type", "value")
        for code in codes.split()
    )
    told = sorted(each for each in every if each[1] == "error" or each in wanted)
    assert told == wanted, render_all(compiled.problems)
    check_types(example, text, before)
    if example.is_values and "# value:" in example.text:
        check_values(example, text)
    for outcome in run_tests(compiled):
        assert outcome.passed, outcome


def check_types(example: Example, text: str, before: int) -> None:
    source = Source("<example>", text)
    facts = elaborate(parse(source)[0], source).facts
    for number, line in enumerate(example.text.splitlines(), 1):
        for kind, wanted in SAID.findall(line):
            if kind == "type":
                place = sum(len(each) + 1 for each in text.splitlines()[: number + before - 1])
                end = place + len(text.splitlines()[number + before - 1])
                # The longest expression that ends the code of the line: the value of a definition.
                spans = [span for span in facts if place <= span.start and span.end <= end]
                assert spans, f"nothing is known of `{line}`"
                last = max(span.end for span in spans)
                fact = facts[max((span for span in spans if span.end == last), key=lambda span: span.end - span.start)]
                assert in_words(fact) == wanted.strip(), line


def in_words(fact: Fact) -> str:
    """`price series`, `int const`, `bool series`, `record`"""
    measured = fact.kind if fact.kind != "num" else "num" if fact.unit in ("none", "") else fact.unit
    if fact.kind == "int" and fact.unit not in ("none", ""):
        measured = fact.unit
    return f"{measured} {fact.constancy}".strip()


def check_values(example: Example, text: str) -> None:
    expected = []
    for number, line in enumerate(example.text.splitlines()):
        for kind, value in SAID.findall(line):
            if kind == "value":
                expected.append(expectation(f"value{number}", value.strip()))
    test = f'test "values" for Spec {{ {BARS}\n' + "\n".join(expected) + "\n}\n"
    compiled = compile_source(Source("<example>", text + test))
    assert compiled.ok, render_all(compiled.problems)
    (outcome,) = run_tests(compiled)
    assert outcome.passed, outcome


def expectation(name: str, value: str) -> str:
    if value == "na":
        return f"expect {name} is na"
    if value in ("true", "false"):
        return f"expect {'not ' if value == 'false' else ''}{name}"
    return f"expect {name} ~ {value} within 0.0000001"


def test_the_specification_is_there_and_checks_what_it_says() -> None:
    assert len(EXAMPLES) > 60
    assert sum(len(SAID.findall(each.text)) for each in EXAMPLES) > 150


def test_the_types_can_be_wrong() -> None:
    with pytest.raises(AssertionError):
        check_types(
            Example("x", 1, ("values",), "close  # type: qty series\n"),
            "strategy S {\n\nlet a = close  # type: qty series\n}\n",
            2,
        )


def test_the_values_can_be_wrong() -> None:
    example = Example("x", 1, ("values",), "close  # value: 13\n")
    with pytest.raises(AssertionError):
        check_values(example, example.program[0])
