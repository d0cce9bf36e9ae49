"""A page and a picture for every indicator, as the declarations say."""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

from lingua.indicators.registry import names

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS))

import generate_reference  # noqa: E402
import indicator_pages  # noqa: E402

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
AGAIN = "run `python docs/generate_reference.py`"


@pytest.fixture(scope="module", autouse=True)
def accepted() -> None:
    if os.environ.get("LINGUA_ACCEPT"):
        generate_reference.main()


def test_every_page_is_up_to_date_and_none_is_left_over() -> None:
    made = indicator_pages.pages()
    found = {path.name: path.read_text("utf-8") for path in indicator_pages.FOLDER.glob("*.md")}
    assert sorted(found) == sorted(made), AGAIN
    assert [name for name in made if found[name] != made[name]] == [], AGAIN
    assert {f"{name}.md" for name in names()} | {"README.md"} == set(made)


def test_every_picture_is_up_to_date() -> None:
    """Numbers may differ by their last digit: a logarithm is not the same to the last bit everywhere."""
    made = indicator_pages.pictures()
    assert sorted(path.name for path in indicator_pages.FOLDER.glob("*.svg")) == sorted(made), AGAIN
    for name, text in made.items():
        stored = (indicator_pages.FOLDER / name).read_text("utf-8")
        if stored != text:
            assert NUMBER.sub("0", stored) == NUMBER.sub("0", text), f"{name}: {AGAIN}"
            pairs = zip(NUMBER.findall(stored), NUMBER.findall(text), strict=True)
            assert all(abs(float(a) - float(b)) < 0.15 for a, b in pairs), f"{name}: {AGAIN}"


def test_pictures_are_small_and_well_formed_and_show_something() -> None:
    for path in indicator_pages.FOLDER.glob("*.svg"):
        assert path.stat().st_size < 25_000, path.name
        tree = xml.parse(path).getroot()
        assert tree.tag.endswith("svg")
        # The price's candles are two groups; something of the indicator is drawn besides.
        shapes = [each for each in tree if each.tag.endswith("path")]
        groups = [each for each in tree if each.tag.endswith("}g")]
        assert len(shapes) >= 4 or len(groups) == 4, path.name
        assert "nan" not in path.read_text("utf-8").lower().replace("naname", ""), path.name


def test_links_between_the_pages_lead_somewhere() -> None:
    for path in [*indicator_pages.FOLDER.glob("*.md"), DOCS / "reference.md"]:
        for target in re.findall(r"\]\(([^)#:]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), (path.name, target)
