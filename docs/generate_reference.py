"""Writes the generated parts of `docs/reference.md` from the declarations in the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lingua.cli import reference
from lingua.cli.reference import Entry
from lingua.indicators.registry import specs

PAGE = Path(__file__).with_name("reference.md")
MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    PAGE.write_text(regenerated(PAGE.read_text("utf-8")), "utf-8")


def regenerated(text: str) -> str:
    """The page with its generated parts as they should be."""
    return MARKED.sub(lambda found: found[1] + SECTIONS[found[2]]() + found[3], text)


def words() -> str:
    return table(("word", "written", "means"), [(f"`{e.name}`", f"`{e.signature}`", e.text) for e in reference.words()])


def indicators() -> str:
    groups: dict[str, list[Entry]] = {}
    for spec, entry in zip(specs(), reference.functions(), strict=True):
        groups.setdefault(spec.group, []).append(entry)
    return "".join(f"### {group}\n\n" + "".join(map(definition, entries)) for group, entries in sorted(groups.items()))


def definition(entry: Entry) -> str:
    summary, *more = entry.text.splitlines()
    lines = [f"**`{entry.signature}`**", summary, *(f"- {line}" for line in more)]
    if entry.aliases:
        lines.append(f"- also written: {', '.join(f'`{alias}`' for alias in entry.aliases)}")
    return f"{lines[0]}\n{lines[1]}\n\n" + "".join(f"{line}\n" for line in lines[2:]) + "\n"


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
    "indicators": indicators,
    "options": options,
    "limits": limits,
    "metrics": metrics,
    "diagnostics": diagnostics,
}

if __name__ == "__main__":
    main()
