"""What is wrong with a text: of the whole file, and at once after an edit.

The whole file is the truth and takes some hundred milliseconds for a thousand lines. Between two whole checks `recheck`
looks again at the items that an edit touched and those that depend on them, and moves everything else along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lingua.analysis.library import OpenLibrary
from lingua.analysis.slices import around
from lingua.analysis.view import View
from lingua.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from lingua.syntax.source import Source, Span

MOST_AFFECTED = 40
"""Items looked at again at once; where more depend on an edit, they wait for the check of the whole file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The diagnostics of one view. `is_whole`: those of a check of the whole file."""

    view: View
    problems: tuple[Diagnostic, ...]
    is_whole: bool


def check(source: Source, path: Path | None, open_texts: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """All that is wrong with a text, its imports read as they are in the editor (`open_texts`: path to text). What is
    wrong inside an imported file is told at the import."""
    from lingua.compiler import compile_source

    library = OpenLibrary(path, lambda each: open_texts.get(str(each)))
    found = compile_source(source, path=path, library=library)
    problems: list[Diagnostic] = []
    for problem in found.problems:
        if problem.source is source or problem.source.text == source.text:
            problems.append(problem)
        elif problem.severity is Severity.ERROR:
            problems.append(_at_import(problem, source, found.file.items))
    return tuple(problems)


def _at_import(problem: Diagnostic, source: Source, items: Iterable[object]) -> Diagnostic:
    from lingua.syntax.nodes import Import

    stem = Path(problem.source.name).stem
    imports = [item for item in items if isinstance(item, Import)]
    named = [item for item in imports if Path(item.path).stem == stem] or imports
    line, column = problem.source.position(problem.span.start)
    message = f"{Path(problem.source.name).name}:{line}:{column}: {problem.message}"
    span = named[0].span if named else Span(0, 0)
    return replace(problem, source=source, span=span, message=message, label="", labels=(), fixes=())


def recheck(view: View, last: Checked, open_texts: Mapping[str, str]) -> Checked:
    """The diagnostics of `view`, as far as they can be told at once, from those of an earlier version."""
    before = last.view
    first, kept = _common(before, view)
    changed = set(range(first, len(view.pieces) - kept))
    gone = range(first, len(before.pieces) - kept)
    names = {use.name for index in changed for use in view.pieces[index].definitions}
    names |= {use.name for index in gone for use in before.pieces[index].definitions}
    affected = _affected(view, changed, names)
    looked_at = affected if len(affected) <= MOST_AFFECTED else changed
    moved: list[Diagnostic] = []
    # Chunks before the change keep their number; those after it count from the end.
    offset = len(view.pieces) - len(before.pieces)
    for problem in last.problems:
        index = before.chunk_at(problem.span.start)
        if index in gone:
            continue
        now = index if index < first else index + offset
        if now in looked_at and problem.severity is Severity.ERROR:
            continue
        moved.append(_moved(problem, before, view, first, offset, gone))
    found = [each for each in _look(view, looked_at, open_texts) if not _is_said(each, moved)] if looked_at else []
    every = sorted((*moved, *found), key=lambda problem: problem.span.start)
    return Checked(view, tuple(every), False)


def _common(before: View, view: View) -> tuple[int, int]:
    """How many pieces at the start and at the end of two views are the same."""
    a, b = before.pieces, view.pieces
    most = min(len(a), len(b))
    first = 0
    while first < most and a[first] is b[first] and before.chunks[first].owner == view.chunks[first].owner:
        first += 1
    kept = 0
    while kept < most - first and a[-1 - kept] is b[-1 - kept]:
        kept += 1
    return first, kept


def _affected(view: View, changed: set[int], names: set[str]) -> set[int]:
    """`changed`, and every chunk that speaks of a changed name, directly or through others."""
    found = set(changed)
    is_growing = bool(names)
    while is_growing and len(found) <= MOST_AFFECTED:
        is_growing = False
        for index, piece in enumerate(view.pieces):
            if index not in found and any(use.name in names and use.binder < 0 for use in piece.uses):
                found.add(index)
                names |= {use.name for use in piece.definitions}
                is_growing = True
    return found


def _look(view: View, indices: set[int], open_texts: Mapping[str, str]) -> list[Diagnostic]:
    """What is wrong in some chunks, with places of the view."""
    part = around(view, indices, lambda path: open_texts.get(str(path)))
    found: list[Diagnostic] = []
    for problem in part.problems:
        place = part.outward(problem.span)
        if place is None or part.chunk_of(problem.span.start) not in indices:
            continue
        labels = [(part.outward(label.span), label.text) for label in problem.labels]
        found.append(
            replace(
                problem,
                source=view.source,
                span=place,
                labels=tuple([Label(span, text) for span, text in labels if span is not None]),
                fixes=tuple([fix for each in problem.fixes if (fix := _fix(part.outward, each)) is not None]),
            )
        )
    return found


def _moved(problem: Diagnostic, before: View, view: View, first: int, offset: int, gone: range) -> Diagnostic:
    def shift(span: Span) -> Span | None:
        index = before.chunk_at(span.start)
        if index in gone:
            return None
        now = index if index < first else index + offset
        by = view.chunks[now].start - before.chunks[index].start
        return Span(span.start + by, min(span.end + by, len(view.source.text)))

    labels = [(shift(label.span), label.text) for label in problem.labels]
    return replace(
        problem, source=view.source, span=shift(problem.span) or problem.span,
        labels=tuple([Label(span, text) for span, text in labels if span is not None]),
        fixes=tuple([fix for each in problem.fixes if (fix := _fix(shift, each)) is not None]),
    )  # fmt: skip


def _fix(shift: Callable[[Span], Span | None], fix: Fix) -> Fix | None:
    edits: list[Edit] = []
    for edit in fix.edits:
        span = shift(edit.span)
        if span is None:
            return None
        edits.append(Edit(span, edit.text))
    return Fix(fix.title, tuple(edits))


def _is_said(problem: Diagnostic, others: list[Diagnostic]) -> bool:
    return any(each.code.number == problem.code.number and each.span == problem.span for each in others)
