"""Edits that mend a diagnostic: those it carries, and those its help describes in words.

A help text says what to write, in backquotes. Where that text fits (in place of what is marked, of a part of it, of the
item, on a line of its own) is tried out: an edit is offered only if the program it makes no longer has the mistake and
has no other one instead.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from lingua.analysis.checks import check
from lingua.analysis.slices import Slice, around
from lingua.analysis.view import View
from lingua.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from lingua.semantics.mentions import parts
from lingua.syntax import nodes as ast
from lingua.syntax.blocks import words_by_block
from lingua.syntax.parse import parse
from lingua.syntax.source import Source, Span

SMALL = 6_000
"""Characters; of a longer text only the items that matter are tried."""
MOST_TRIED = 24
LONGEST_S = 0.25
_CODE = re.compile(r"`([^`]+)`")
_LEAVE_OUT = re.compile(r"\b(leave (it |them |one of them |`[^`]*` )?out|take (it|`[^`]*`) out|keep one)\b(?! of the)")


def mends(view: View, problem: Diagnostic, open_texts: Mapping[str, str]) -> tuple[Fix, ...]:
    """Fixes for one diagnostic of a view, the surest first; spans are those of the view."""
    if problem.fixes:
        return problem.fixes
    if not problem.help:
        return ()
    part = None
    text, found = view.source.text, problem
    if len(text) > SMALL:
        part = around(view, [view.chunk_at(problem.span.start)], lambda path: open_texts.get(str(path)))
        text = part.source.text
        place = _inward(part, problem.span)
        if place is None:
            return ()
        found = replace(problem, source=part.source, span=place, labels=())
    fix = _tried(text, found, view, open_texts)
    if fix is None:
        return ()
    if part is None:
        return (fix,)
    edits: list[Edit] = []
    for edit in fix.edits:
        outward = part.outward(edit.span)
        if outward is None:
            return ()
        edits.append(Edit(outward, edit.text))
    return (Fix(fix.title, tuple(edits)),)


def _inward(part: Slice, span: Span) -> Span | None:
    """A place of the view as a place of the slice."""
    start = 0
    for index in part.indices:
        chunk = part.view.chunks[index]
        if chunk.start <= span.start < chunk.end or (chunk.start == span.start == chunk.end):
            return Span(start + span.start - chunk.start, start + span.end - chunk.start)
        start += chunk.end - chunk.start
    return None


def _tried(text: str, problem: Diagnostic, view: View, open_texts: Mapping[str, str]) -> Fix | None:
    """The first of the edits the help may mean that mends the mistake and makes no other."""
    began = time.perf_counter()
    before = _weight(text, problem, view, open_texts)
    seen: set[str] = set()
    for tried, edit in enumerate(_candidates(text, problem)):
        if tried >= MOST_TRIED or time.perf_counter() - began > LONGEST_S:
            return None
        after = text[: edit.span.start] + edit.text + text[edit.span.end :]
        if after == text or after in seen:
            continue
        seen.add(after)
        weight = _weight(after, problem, view, open_texts)
        if weight[0] < before[0] and weight[1:] <= before[1:]:
            return Fix(_title(problem, edit), (edit,))
    return None


def _weight(text: str, problem: Diagnostic, view: View, open_texts: Mapping[str, str]) -> tuple[int, int]:
    """How often this mistake is made, and how many other errors there are."""
    found = check(Source(view.source.name, text), view.path, open_texts)
    same = sum(each.code.number == problem.code.number for each in found)
    others = sum(each.severity is Severity.ERROR and each.code.number != problem.code.number for each in found)
    return same, others


def _title(problem: Diagnostic, edit: Edit) -> str:
    if not edit.text.strip():
        return "take it out"
    written = " ".join(edit.text.split())
    return f"write `{written if len(written) <= 50 else written[:49] + '…'}`"


def _candidates(text: str, problem: Diagnostic) -> Iterator[Edit]:
    """Edits the help may mean, the likely ones first."""
    codes = [code for code in _CODE.findall(problem.help) if "…" not in code]
    marked = problem.span
    file, _ = parse(Source("", text))
    around = _spans_around(file, marked)
    places = [marked, *(label.span for label in problem.labels)]
    removes = bool(_LEAVE_OUT.search(problem.help))
    if removes:
        for code in codes:
            yield from _without(text, code, marked, around)
        for place in (marked, *around):
            yield Edit(_with_separator(text, place), "")
    for code in codes:
        yield from _placed(text, code, places, around, problem.help)
    if problem.label or marked.end - marked.start < 40:
        # `from 5 to 20`: the nearest number that is named in the help.
        for number in re.findall(r"(?<![\w.])\d[\d_.]*%?", problem.help):
            yield Edit(marked, number)


def _placed(text: str, code: str, places: list[Span], around: list[Span], help: str) -> Iterator[Edit]:
    first = code.split()[0] if code.split() else ""
    is_item = first in words_by_block()["strategy"] or first in words_by_block()["file"]
    is_clause = first in ("with", "at", "on", "tag", "for")
    marked = places[0]
    if is_clause:
        yield Edit(Span(marked.end, marked.end), f" {code}")
        for place in around:
            yield Edit(Span(place.end, place.end), f" {code}")
    if is_item:
        yield from (Edit(place, code) for place in around)
        yield Edit(marked, code)
        for place in [marked, *around]:
            line = text.rfind("\n", 0, place.start) + 1
            blanks = text[line : len(text[:line]) + len(text[line:]) - len(text[line:].lstrip(" \t"))]
            yield Edit(Span(line, line), f"{blanks}{code}\n")
        brace = text.rfind("}")
        if brace >= 0:
            yield Edit(Span(brace, brace), f"  {code}\n")
        yield Edit(Span(0, 0), f"{code}\n")
        return
    for place in places:
        yield Edit(place, code)
    if len(code) <= 3 and not code.isalnum():
        yield Edit(Span(marked.end, marked.end), f" {code}")
        yield Edit(Span(len(text), len(text)), f"\n{code}")
    for place in around:
        yield Edit(place, code)


def _without(text: str, code: str, marked: Span, around: list[Span]) -> Iterator[Edit]:
    """`code` taken out where it stands nearest to the mark."""
    for place in (marked, *around):
        at = text.find(code, place.start, place.end)
        if at >= 0:
            yield Edit(_with_separator(text, Span(at, at + len(code))), "")


def _with_separator(text: str, span: Span) -> Span:
    """A span with the blank, comma or semicolon that would be left over, and its line if nothing else is on it."""
    start, end = span.start, span.end
    line = text.rfind("\n", 0, start) + 1
    rest = text.find("\n", end)
    rest = len(text) if rest < 0 else rest
    if not text[line:start].strip() and not text[end:rest].strip(" \t;,"):
        return Span(line, min(rest + 1, len(text)))
    while end < len(text) and text[end] in " \t":
        end += 1
    if end < len(text) and text[end] in ";,":
        return Span(start, min(end + 1, len(text)))
    end = span.end
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start > 0 and text[start - 1] in ";,":
        start -= 1
    return Span(start, end)


def _spans_around(file: ast.File, marked: Span) -> list[Span]:
    """Nodes that hold the mark, the smallest first; not the strategy as a whole."""
    found: set[Span] = set()
    for part in parts(file.items):
        span = getattr(part, "span", None)
        if not isinstance(span, Span) or isinstance(part, ast.Strategy | ast.File) or span == marked:
            continue
        if span.start <= marked.start and marked.end <= span.end:
            found.add(span)
    return sorted(found, key=lambda span: span.end - span.start)[:6]
