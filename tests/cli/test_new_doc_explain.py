"""`lingua new`, `doc` and `explain CODE`."""

import json
from pathlib import Path

import pytest

from lingua.cli import exits
from lingua.cli.commands.new import TEMPLATES
from lingua.cli.reference import entries
from lingua.diagnostics.catalogue import catalogue
from lingua.indicators.describe import example
from lingua.indicators.registry import specs


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_strategy_is_without_problems(lingua, kind: str) -> None:
    made = lingua("new", "MyIdea", "--template", kind)
    assert made.code == 0
    checked = lingua("check", "my_idea.lingua")
    assert (checked.code, checked.out) == (0, "1 file: no problems\n")


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_new_strategy_is_laid_out(lingua, kind: str) -> None:
    lingua("new", "MyIdea", "--template", kind)
    assert lingua("fmt", "--check", "my_idea.lingua").code == 0


def test_the_tests_of_a_template_pass(lingua) -> None:
    lingua("new", "MyIdea")
    done = lingua("test", "my_idea.lingua")
    assert done.code == 0, done.out + done.err


def test_an_odd_symbol_is_quoted(lingua) -> None:
    assert lingua("new", "Fut", "--symbol", "CME:ES", "--timeframe", "1h").code == 0
    assert 'trade "CME:ES" @ 1h' in Path("fut.lingua").read_text()
    assert lingua("check", "fut.lingua").code == 0


def test_a_file_is_never_overwritten(lingua) -> None:
    Path("a.lingua").write_text("mine")
    assert lingua("new", "a").code == exits.USAGE
    assert Path("a.lingua").read_text() == "mine"


@pytest.mark.parametrize("name", ["../x", "2x", "a b", ""])
def test_a_name_must_be_a_name(lingua, name: str) -> None:
    assert lingua("new", name).code == exits.USAGE


def test_every_entry_of_the_reference_is_found(lingua) -> None:
    for entry in entries():
        done = lingua("doc", entry.name)
        assert done.code == 0
        assert entry.signature in done.out
        assert entry.text.strip(), f"{entry.name} has no text"


def test_an_unknown_name_is_guessed(lingua) -> None:
    done = lingua("doc", "atrr")
    assert done.code == exits.USAGE
    assert "atr" in done.err


def test_a_near_name_is_the_one_programs_are_written_with(lingua) -> None:
    assert "`atr`" in lingua("doc", "atrr").err
    assert "`bbands`" in lingua("doc", "BBAND").err


def test_the_library_is_listed_with_its_counts(lingua) -> None:
    done = lingua("doc", "--list")
    assert done.code == 0
    lines = [line.rsplit(None, 1) for line in done.out.splitlines()[1:6]]
    counts = [int(number) for _, number in lines]
    assert lines[0][0] == "TA-Lib functions"
    assert counts[0] >= 201
    assert counts[1] == 61
    assert counts[4] == counts[0] + counts[2] + counts[3]
    listed = {word for line in done.out.splitlines()[8:] for word in line.split()[2:]}
    assert {spec.name for spec in specs()} <= listed
    table = json.loads(lingua("doc", "--list", "--json").out)
    assert table["counts"]["total"] == counts[4]
    assert sum(map(len, table["groups"].values())) == len(specs())
    assert "efficiency" in table["std"]["regime"]


def test_a_declaration_is_given_as_json(lingua) -> None:
    (found,) = json.loads(lingua("doc", "BBANDS", "--json").out)
    assert found["name"] == "bbands"
    assert [each["name"] for each in found["outputs"]] == ["upper", "middle", "lower"]
    assert found["parameters"][0] == {"name": "length", "kind": "int", "default": 20, "low": 1, "high": 100_000}
    assert (found["lookback"], found["settle"], found["is_anchored"]) == (19, 0, False)


def test_list_and_a_name_are_one_too_many(lingua) -> None:
    assert lingua("doc", "rsi", "--list").code == exits.USAGE


def test_every_example_of_an_indicator_compiles(lingua) -> None:
    lines = [example(spec).replace("indicator x", f"indicator x{place}") for place, spec in enumerate(specs())]
    text = "\n".join(["lingua 1", "strategy Every {", "  trade AAPL @ 1d", *(f"  {line}" for line in lines), "}"])
    Path("every.lingua").write_text(text + "\n", "utf-8")
    checked = json.loads(lingua("check", "--json", "every.lingua").out)
    errors = [each for each in checked["problems"] if each["severity"] == "error"]
    assert errors == []


def test_every_code_is_explained(lingua) -> None:
    for number in catalogue():
        done = lingua("explain", number)
        assert done.code == 0
        assert done.out.startswith(f"# {number}: ")
        assert "## Why" in done.out


def test_an_unknown_code_is_a_usage_error(lingua) -> None:
    assert lingua("explain", "L9999").code == exits.USAGE


def test_every_option_and_limit_of_the_language_is_told() -> None:
    from lingua.cli.words import LIMITS as TOLD_LIMITS
    from lingua.cli.words import OPTIONS as TOLD_OPTIONS
    from lingua.semantics.risk import LIMITS
    from lingua.semantics.settings import OPTIONS

    assert set(TOLD_OPTIONS) == set(OPTIONS)
    assert set(TOLD_LIMITS) == set(LIMITS)


@pytest.mark.parametrize("entry", [e for e in entries() if e.kind in ("option", "limit")], ids=lambda entry: entry.name)
def test_what_is_told_of_an_option_can_be_written(entry) -> None:
    import lingua
    from lingua.diagnostics.diagnostic import Severity

    text = f"strategy S {{\n trade AAPL @ 1d\n rule up: close > open => buy 10% with stop 5%\n {entry.signature}\n}}"
    problems = lingua.compile(text).problems
    assert [problem.message for problem in problems if problem.severity is Severity.ERROR] == []
