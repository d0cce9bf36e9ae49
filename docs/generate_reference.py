"""Writes the generated parts of `docs/reference.md` and the pages of the indicators from what the code declares."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import indicator_pages

from lingua.cli import reference
from lingua.cli.reference import Entry
from lingua.indicators.declaration import IndicatorSpec
from lingua.indicators.describe import signature
from lingua.indicators.registry import specs

PAGE = Path(__file__).with_name("reference.md")
MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


API_PAGE = Path(__file__).with_name("howto") / "api.md"


def main() -> None:
    API_PAGE.write_text(regenerated(API_PAGE.read_text("utf-8"), api_sections()), "utf-8")
    PAGE.write_text(regenerated(PAGE.read_text("utf-8")), "utf-8")
    made = indicator_pages.pages() | indicator_pages.pictures()
    folder = indicator_pages.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def regenerated(text: str, sections: dict[str, Callable[[], str]] | None = None) -> str:
    """The page with its generated parts as they should be."""
    made = SECTIONS if sections is None else sections
    return MARKED.sub(lambda found: found[1] + made[found[2]]() + found[3], text)


def api_sections() -> dict[str, Callable[[], str]]:
    from lingua_runtime.api import roles

    return {"roles": roles.roles_table, "routes": roles.table}


def words() -> str:
    return table(("word", "written", "means"), [(f"`{e.name}`", f"`{e.signature}`", e.text) for e in reference.words()])


def terms(kind: str) -> str:
    rows = [(f"`{e.name}`", f"`{e.signature}`", e.text) for e in reference.terms(kind)]
    return table((kind, "written", "means"), rows)


def indicators() -> str:
    groups: dict[str, list[IndicatorSpec]] = {}
    for spec in specs():
        groups.setdefault(spec.group, []).append(spec)
    parts = []
    for group, members in sorted(groups.items()):
        rows = [
            (f"[{each.name}](reference/indicators/{each.name}.md)", f"`{signature(each)}`", each.summary)
            for each in members
        ]
        parts.append(f"### {group}\n\n" + table(("name", "written", "is"), rows) + "\n")
    return "".join(parts)


def options() -> str:
    return settings(reference.options(), "execution { ")


def limits() -> str:
    return settings(reference.limits(), "risk { ")


def settings(entries: list[Entry], block: str) -> str:
    rows = [(f"`{e.name}`", f"`{e.signature.removeprefix(block).removesuffix(' }')}`", e.text) for e in entries]
    return table(("name", "written", "means"), rows)


def metrics() -> str:
    rows = []
    for entry in reference.figures():
        title, *more = entry.text.splitlines()
        told = dict(line.split(": ", 1) for line in more)
        rows.append((f"`{entry.name}`", title, told.get("formula", ""), told.get("source", "")))
    return table(("figure", "is", "formula", "source"), rows)


def diagnostics() -> str:
    from lingua.diagnostics.catalogue import FAMILIES, catalogue

    parts = []
    for family, subject in FAMILIES.items():
        codes = [code for code in catalogue().values() if code.number.startswith(family)]
        if codes:
            rows = [
                (f"`{c.number}`", str(c.severity), c.slug.replace("-", " "), c.message.replace("{{", "{"))
                for c in codes
            ]
            parts.append(f"### {family}: {subject}\n\n" + table(("code", "severity", "", "message"), rows) + "\n")
    return "".join(parts)


def table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |\n"

    return line(headers) + line(("---",) * len(headers)) + "".join(map(line, rows))


SECTIONS: dict[str, Callable[[], str]] = {
    "words": words,
    "helpers": partial(terms, "helper"),
    "values": partial(terms, "value"),
    "literals": partial(terms, "literal"),
    "signs": partial(terms, "sign"),
    "clauses": partial(terms, "clause"),
    "tests": partial(terms, "test word"),
    "portfolios": partial(terms, "portfolio word"),
    "indicators": indicators,
    "options": options,
    "limits": limits,
    "metrics": metrics,
    "diagnostics": diagnostics,
}

if __name__ == "__main__":
    main()
