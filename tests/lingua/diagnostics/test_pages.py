"""Every code has a page; its wrong program gives exactly that code, its right program gives none."""

from pathlib import Path

import pytest

import lingua
from lingua.backtest.run import refuse_not_executed
from lingua.diagnostics.catalogue import FAMILIES, catalogue, find, looks_like_code
from lingua.diagnostics.diagnostic import Diagnostic
from lingua.diagnostics.pages import Case, page, read_page
from lingua.diagnostics.render import render_all

PAGES = Path(lingua.__file__).parent / "diagnostics" / "pages"
NUMBERS = list(catalogue())
COMPANIONS = {
    # That the rest of many mistakes is not shown can only be said after many mistakes.
    "L0194": (["L0102"] * 100, []),
    # A program of the sketch has no words for a stop, and is told so.
    "L0208": (["L0740"], ["L0740"]),
}
"""What else the wrong and the right program of a page cannot help to give."""
AT_THE_RUN = {"L0690", "L0691", "L0890", "L1090"}
"""Given by a run, not by a check."""


def problems_of(case: Case, folder: Path, is_run: bool = False):
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
    return refusals_of(compiled) if is_run else compiled.problems


def refusals_of(compiled) -> tuple[Diagnostic, ...]:
    """What a run refuses although the check finds nothing wrong."""
    assert not compiled.problems
    try:
        refuse_not_executed(compiled, compiled.program)
    except lingua.CompileError as refused:
        return refused.problems
    return ()


@pytest.mark.parametrize("number", NUMBERS)
def test_the_wrong_program_gives_exactly_this_code(number: str, tmp_path: Path) -> None:
    found = page(number)
    assert found is not None, f"{number} has no page"
    problems = problems_of(found.wrong, tmp_path, number in AT_THE_RUN)
    companions, _ = COMPANIONS.get(number, ([], []))
    found_numbers = sorted(problem.code.number for problem in problems)
    assert found_numbers == sorted([*companions, number]), "\n" + render_all(problems[:5])


@pytest.mark.parametrize("number", NUMBERS)
def test_the_right_program_gives_none(number: str, tmp_path: Path) -> None:
    found = page(number)
    assert found is not None, f"{number} has no page"
    problems = problems_of(found.right, tmp_path, number in AT_THE_RUN)
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
