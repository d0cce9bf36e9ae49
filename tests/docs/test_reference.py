"""The reference page says what the code says."""

import importlib.util
import os
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def generator():
    spec = importlib.util.spec_from_file_location("generate_reference", DOCS / "generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_parts_are_up_to_date() -> None:
    made = generator()
    if os.environ.get("LINGUA_ACCEPT"):
        made.main()
    text = made.PAGE.read_text("utf-8")
    assert made.regenerated(text) == text, "run `python docs/generate_reference.py`"


def test_every_generated_part_is_on_the_page() -> None:
    made = generator()
    names = {found[2] for found in made.MARKED.finditer(made.PAGE.read_text("utf-8"))}
    assert names == set(made.SECTIONS)
