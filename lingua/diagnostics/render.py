"""Diagnostics as text with the excerpt they speak of, and as JSON.

    error[L0210]: `atr(14)` is a price and `2%` a ratio
     --> calm.lingua:3:16
      |
    3 |   filter calm: atr(14) < 2%
      |                ^^^^^^^   -- ratio
      |                price
      = help: compare `atr(14) / close` with `2%`

The place itself is marked `^`, further places `-`. Columns are those of a terminal: tabs are four wide, East Asian wide
characters two. Control characters of the source are never written out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.structs import Struct
from lingua.syntax.source import Source, Span

TAB = 4
LINE_WIDTH = 110
"""Longer source lines are cut to this many columns around the marks."""

RESET = "\x1b[0m"
STYLES = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.HINT: "\x1b[1;36m",
}
BOLD, BLUE = "\x1b[1m", "\x1b[1;34m"


class Mark(Struct):
    """Underlined columns `[start, end)` of one displayed line."""

    start: int
    end: int
    text: str
    is_primary: bool


class Paint:
    """Wraps text in colours, or leaves it alone."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: str) -> str:
        return f"{style}{text}{RESET}" if self.colour and text else text


def render_all(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """All of them, a blank line between two, in the order given; ends with a newline unless there are none."""
    blocks = [render(item, colour=colour) for item in diagnostics]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def render(item: Diagnostic, *, colour: bool = False) -> str:
    """One diagnostic; no newline at its end."""
    paint = Paint(colour)
    style = STYLES[item.severity]
    line, column = item.source.position(clip(item.span, item.source).start)
    head = paint(f"{item.severity}[{item.code.number}]", style) + paint(f": {clean(item.message)}", BOLD)
    marked = marks_by_line(item)
    gutter = len(str(max(marked)))
    rows = [head, f"{' ' * gutter}{paint('-->', BLUE)} {clean(item.source.name)}:{line}:{column}"]
    rows.append(f"{' ' * gutter} {paint('|', BLUE)}")
    previous = None
    for number in sorted(marked):
        if previous is not None and number > previous + 1:
            rows.append(paint("...", BLUE))
        rows += excerpt(item.source, number, marked[number], gutter, paint, style)
        previous = number
    # A note or a help of several lines keeps its own lines, indented under the first.
    for word, text in [("note", note) for note in item.notes] + ([("help", item.help)] if item.help else []):
        first, *more = clean_lines(text)
        rows.append(f"{' ' * gutter} {paint('=', BLUE)} {paint(word, BOLD)}: {first}")
        rows += [f"{' ' * gutter}   {' ' * len(word)}  {following}".rstrip() for following in more]
    return "\n".join(rows)


def marks_by_line(item: Diagnostic) -> dict[int, list[Mark]]:
    """Line number to marks. A span over several lines marks its first and its last line."""
    found: dict[int, list[Mark]] = {}
    places = [(item.span, item.label, True), *((label.span, label.text, False) for label in item.labels)]
    for span, text, is_primary in places:
        span = clip(span, item.source)
        first, start = item.source.position(span.start)
        last, end = item.source.position(max(span.end - 1, span.start))
        if first == last:
            stop = end + 1 if span.end > span.start else start + 1
            found.setdefault(first, []).append(mark(item.source, first, start, stop, text, is_primary))
            continue
        length = len(item.source.line(first))
        found.setdefault(first, []).append(mark(item.source, first, start, max(length, start) + 1, "", is_primary))
        tail = item.source.line(last)
        indent = len(tail) - len(tail.lstrip()) + 1
        found.setdefault(last, []).append(mark(item.source, last, min(indent, end), end + 1, text, is_primary))
    return found


def clip(span: Span, source: Source) -> Span:
    """The part of `span` inside the text; the end of the file is a place of its own."""
    size = len(source.text)
    start = min(max(span.start, 0), size)
    return Span(start, min(max(span.end, start), size))


def mark(source: Source, number: int, start: int, stop: int, text: str, is_primary: bool) -> Mark:
    """From columns of characters (1-based) to columns of the terminal (0-based)."""
    line = source.line(number)
    left = width(line[: start - 1])
    right = left + max(width(line[start - 1 : stop - 1], left), 1)
    return Mark(left, right, clean(text), is_primary)


def excerpt(source: Source, number: int, marks: list[Mark], gutter: int, paint: Paint, style: str) -> list[str]:
    """The source line and the rows of marks and labels under it."""
    text, marks = trim(display(source.line(number)), merge(marks))
    bar = paint("|", BLUE)
    rows = [f"{paint(str(number).rjust(gutter), BLUE)} {bar} {text}".rstrip()]
    by_start = sorted(marks, key=lambda m: (m.start, m.end))
    last = by_start[-1]
    is_inline = bool(last.text) and all(m.end <= last.start for m in by_start[:-1])
    underline = draw([(m, ("^" if m.is_primary else "-") * (m.end - m.start)) for m in by_start], paint, style)
    if is_inline:
        underline += " " + paint(last.text, style if last.is_primary else BLUE)
    rows.append(f"{' ' * gutter} {bar} {underline}")
    waiting = [m for m in by_start if m.text and not (is_inline and m is last)]
    while waiting:
        lowest = waiting.pop()
        # One row for each label, from the right; the labels still to come hang on a line of their own.
        row = [(m, "|") for m in waiting if m.start < lowest.start] + [(lowest, lowest.text)]
        rows.append(f"{' ' * gutter} {bar} {draw(row, paint, style)}")
    return rows


def merge(marks: Sequence[Mark]) -> list[Mark]:
    """One mark for each range; texts about the same range are joined, and a primary mark hides an equal plain one."""
    found: dict[tuple[int, int], Mark] = {}
    for m in marks:
        twin = found.get((m.start, m.end))
        if twin is not None:
            text = ", ".join(dict.fromkeys(t for t in (twin.text, m.text) if t))
            m = Mark(m.start, m.end, text, twin.is_primary or m.is_primary)
        found[m.start, m.end] = m
    return list(found.values())


def draw(pieces: Sequence[tuple[Mark, str]], paint: Paint, style: str) -> str:
    """The pieces at their columns. Where they overlap, the later one begins after the earlier."""
    row, column = "", 0
    cells: dict[int, tuple[str, bool]] = {}
    for m, text in sorted(pieces, key=lambda piece: piece[0].is_primary):
        at = m.start
        for character in text:
            cells[at] = (character, m.is_primary)
            at += max(width(character), 1)
    run, run_primary = "", False
    for at in sorted(cells):
        character, is_primary = cells[at]
        if at > column or is_primary != run_primary:
            row += paint(run, style if run_primary else BLUE)
            run = ""
            if at > column:
                row += " " * (at - column)
        run, run_primary = run + character, is_primary
        column = at + max(width(character), 1)
    return row + paint(run, style if run_primary else BLUE)


def trim(text: str, marks: list[Mark]) -> tuple[str, list[Mark]]:
    """Cut a long line to `LINE_WIDTH` columns around the primary mark."""
    if width(text) <= LINE_WIDTH:
        return text, marks
    primary = next((m for m in marks if m.is_primary), marks[0])
    left = max(0, min(primary.start - LINE_WIDTH // 3, width(text) - LINE_WIDTH))
    right = left + LINE_WIDTH
    shown, column, begun = "", 0, left
    for character in text:
        step = width(character)
        if column >= left and column + step <= right:
            if not shown:
                begun = column
            shown += character
        column += step
    head, tail = ("..." if begun else ""), ("..." if column > right else "")
    moved = []
    for m in marks:
        start, end = max(m.start, begun), min(m.end, right)
        if start < end:
            moved.append(Mark(start - begun + len(head), end - begun + len(head), m.text, m.is_primary))
    return head + shown + tail, moved or [Mark(len(head), len(head) + 1, primary.text, True)]


def display(line: str) -> str:
    """The line with tabs as spaces and what a terminal would act on as `�`."""
    return clean(line.replace("\t", " " * TAB))


def clean(text: str) -> str:
    """One line of text that a terminal cannot be made to act on: control and direction characters become `�`."""
    return text if text.isascii() and text.isprintable() else "".join(map(safe_character, text))


def clean_lines(text: str) -> list[str]:
    return [clean(line) for line in text.split("\n")]


def safe_character(character: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in HIDDEN else character


HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def width(text: str, start: int = 0) -> int:
    """Columns that `text` takes in a terminal, tabs counting `TAB`."""
    if text.isascii() and "\t" not in text:
        return len(text)
    return sum(character_width(character) for character in text)


def character_width(character: str) -> int:
    if character == "\t":
        return TAB
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def count_line(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty when there is nothing."""
    parts = []
    for severity in Severity:
        count = sum(item.severity is severity for item in diagnostics)
        if count:
            parts.append(f"{count} {severity}{'' if count == 1 else 's'}")
    return ", ".join(parts)


def to_json(item: Diagnostic) -> dict[str, Any]:
    """One diagnostic as plain data. Lines and columns count from 1, columns in characters; ends are exclusive."""
    return {
        "code": item.code.number,
        "slug": item.code.slug,
        "severity": str(item.severity),
        "message": item.message,
        "file": item.source.name,
        **place(item.source, item.span),
        "label": item.label,
        "labels": [{**place(item.source, label.span), "text": label.text} for label in item.labels],
        "help": item.help,
        "notes": list(item.notes),
        "fixes": [
            {
                "title": fix.title,
                "edits": [{**place(item.source, edit.span), "text": edit.text} for edit in fix.edits],
            }
            for fix in item.fixes
        ],
    }


def place(source: Source, span: Span) -> dict[str, int]:
    span = clip(span, source)
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
