"""Every code has a page; its wrong program gives exactly that code, its right program gives none."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lingua
from lingua.backtest.run import execution_of, refuse_not_executed
from lingua.data.market import load_market
from lingua.diagnostics.catalogue import FAMILIES, catalogue, find, looks_like_code
from lingua.diagnostics.diagnostic import Diagnostic
from lingua.diagnostics.pages import Case, page, read_page
from lingua.diagnostics.render import render_all
from lingua.optimize.search import search
from lingua.optimize.settings import settings_of
from lingua.optimize.task import make_task

PAGES = Path(lingua.__file__).parent / "diagnostics" / "pages"
NUMBERS = list(catalogue())
COMPANIONS = {
    # That the rest of many mistakes is not shown can only be said after many mistakes.
    "L0194": (["L0102"] * 100, []),
    # A program of the sketch has no words for a stop, and is told so.
    "L0208": (["L0740"], ["L0740"]),
    # The program's own values keep `require`, so they lie between the steps.
    "L0893": (["L0804", "L0804"], []),
}
"""What else the wrong and the right program of a page cannot help to give."""
AT_THE_RUN = {"L0690", "L0691", "L1090"}
"""Given by a run, not by a check."""
AT_THE_SEARCH = {"L0891", "L0892", "L0893", "L0895", "L0896", "L0897"}
"""Given by a search."""


def problems_of(case: Case, folder: Path, found_by: str = "check"):
    """Diagnostics of a page's program, compiled from a folder that holds the files beside it."""
    made: dict[str, object] = {"program": case.text, "beside": case.beside, "strategy": "", "set": {}, "is_text": False}
    made["name"] = "program.lingua"
    exec(case.recipe, made)
    for name, text in made["beside"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    if made["is_text"]:
        return lingua.compile(made["program"]).problems
    main = folder / made["name"]
    match made["program"]:
        case None:
            main.mkdir()
        case bytes(data):
            main.write_bytes(data)
        case text:
            main.write_text(text, encoding="utf-8")
    compiled = lingua.compile(main, strategy=made["strategy"], set=made["set"])
    if found_by == "search":
        return (*compiled.problems, *found_by_search(compiled))
    return refusals_of(compiled) if found_by == "run" else compiled.problems


def refusals_of(compiled) -> tuple[Diagnostic, ...]:
    """What a run refuses although the check finds nothing wrong."""
    assert not compiled.problems
    try:
        refuse_not_executed(compiled, compiled.program)
    except lingua.CompileError as refused:
        return refused.problems
    return ()


def found_by_search(compiled) -> tuple[Diagnostic, ...]:
    """What a search over 300 daily bars refuses."""
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0.0005, 0.01, 300)))
    frame = pl.DataFrame({
        "time": pl.datetime_range(dt.datetime(2020, 1, 1), interval="1d", eager=True, end=dt.datetime(2020, 10, 26)),
        "open": prices, "high": prices * 1.01, "low": prices * 0.99, "close": prices,
    })  # fmt: skip
    settings = settings_of(compiled.program)
    market = load_market(compiled.program, {"SYM": frame})
    try:
        task = make_task(compiled, market, execution_of(compiled.program, {}), 1e5, settings.objectives, settings.folds)
        search(task, method=settings.method, trials=settings.trials)
    except lingua.CompileError as refused:
        return refused.problems
    return ()


def how(number: str) -> str:
    return "run" if number in AT_THE_RUN else "search" if number in AT_THE_SEARCH else "check"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_wrong_program_gives_exactly_this_code(number: str, tmp_path: Path) -> None:
    found = page(number)
    assert found is not None, f"{number} has no page"
    problems = problems_of(found.wrong, tmp_path, how(number))
    companions, _ = COMPANIONS.get(number, ([], []))
    found_numbers = sorted(problem.code.number for problem in problems)
    assert found_numbers == sorted([*companions, number]), "\n" + render_all(problems[:5])


@pytest.mark.parametrize("number", NUMBERS)
def test_the_right_program_gives_none(number: str, tmp_path: Path) -> None:
    found = page(number)
    assert found is not None, f"{number} has no page"
    problems = problems_of(found.right, tmp_path, how(number))
    _, companions = COMPANIONS.get(number, ([], []))
    assert [problem.code.number for problem in problems] == companions, "\n" + render_all(problems)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_is_about_its_code(number: str) -> None:
    found = page(number)
    assert found is not None, f"{number} has no page"
    assert found.number == number
    assert found.wrong != found.right
    assert len(found.why) > 80, "*Why* says too little"


def test_no_page_is_left_without_a_code() -> None:
    assert sorted(path.stem for path in PAGES.glob("*.md")) == sorted(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_of_a_known_family(number: str) -> None:
    assert number[:3] in FAMILIES
    assert number[1:].isdigit()
    assert len(number) == 5


def test_codes_are_found_by_number_and_by_slug() -> None:
    for number, code in catalogue().items():
        assert find(number) is code
        assert find(number.lower()) is code
        assert find(number[1:]) is code
        assert find(code.slug) is code
    assert find("L9999") is None


def test_a_code_is_told_from_a_file() -> None:
    assert looks_like_code("L0301")
    assert looks_like_code("0301")
    assert not looks_like_code("cross.lingua")
    assert not looks_like_code("L0301.lingua")


@pytest.mark.parametrize(
    "text",
    [
        "no title\n",
        "# L0301: t\n## Wrong\n```lingua\na\n```\n## Right\n```lingua\nb\n```\n",
        "# L0301: t\n## Wrong\nnothing\n## Why\nx\n## Right\n```lingua\nb\n```\n",
        "# L0301: t\n## Wrong\n```lingua\na\n```\n```lingua\na\n```\n## Why\nx\n## Right\n```lingua\nb\n```\n",
    ],
)
def test_a_page_laid_out_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"page|heading|programs"):
        read_page(text)
