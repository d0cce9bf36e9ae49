"""The page behind each code: a program that is wrong, why, and one that is right.

A page is `pages/L0301.md`, with these headings:

    # L0301: look-ahead
    ## Wrong
    ## Why
    ## Right

*Wrong* and *Right* each hold one ```` ```lingua ```` block, the program; further blocks named on their fence
(```` ```lingua helper.lingua ````) are files that lie beside it. A program that no page could show (a million terms,
bytes that are no text) is made by a ```` ```python ```` block that sets `program` to the text, to bytes, or to None for
a folder in its place, and may set `name` to the name of that file.
"""

from __future__ import annotations

import re
from importlib import resources

from lingua.structs import Struct, field

HEADINGS = ("Wrong", "Why", "Right")


class Case(Struct):
    """One program of a page, or the Python that makes it; `beside` are the files it imports, by name."""

    text: str
    recipe: str = ""
    beside: dict[str, str] = field(default_factory=dict)


class Page(Struct):
    number: str
    title: str
    text: str
    wrong: Case
    why: str
    right: Case


def page(number: str) -> Page | None:
    """The page of a code; None when it has none. Raises ValueError when the page is not laid out as above."""
    file = resources.files("lingua.diagnostics") / "pages" / f"{number}.md"
    return read_page(file.read_text("utf-8")) if file.is_file() else None


def read_page(text: str) -> Page:
    title = re.match(r"# (L\d{4}): (.+)\n", text)
    if not title:
        raise ValueError("a page begins with a line such as `# L0301: look-ahead`")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    sections = dict(zip((name.strip() for name in parts[1::2]), parts[2::2], strict=True))
    if tuple(sections) != HEADINGS:
        raise ValueError(f"{title[1]}: the headings are Wrong, Why, Right, not {', '.join(sections)}")
    return Page(
        title[1],
        title[2].strip(),
        text,
        case(title[1], "Wrong", sections["Wrong"]),
        sections["Why"].strip(),
        case(title[1], "Right", sections["Right"]),
    )


def case(number: str, heading: str, section: str) -> Case:
    programs: list[Case] = []
    beside: dict[str, str] = {}
    blocks = r"^```(lingua|python)(?: +(\S+))?\n(.*?)^```$"
    for language, name, body in re.findall(blocks, section, flags=re.MULTILINE | re.DOTALL):
        if name:
            beside[name] = body
        else:
            programs.append(Case(body, beside=beside) if language == "lingua" else Case("", body, beside))
    if len(programs) != 1:
        raise ValueError(f"{number}: *{heading}* holds {len(programs)} programs, not one")
    return programs[0]
