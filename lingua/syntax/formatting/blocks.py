"""What stands between the items of a block: line breaks, one blank line where the author left some, comments."""

from __future__ import annotations

from dataclasses import dataclass

from lingua.syntax.formatting.comments import Comments
from lingua.syntax.formatting.documents import HARD, Doc, Nest, Text
from lingua.syntax.nodes import Comment
from lingua.syntax.source import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a block: where it stood, how it is written, whether it is a block that wants a blank line around."""

    span: Span
    doc: Doc
    is_large: bool = False


def braced(entries: list[Entry], comments: Comments, inside: Span) -> list[Doc]:
    """`{`, the entries two columns further in, `}`."""
    lines = between(entries, comments, inside)
    if not lines:
        return [Text("{"), Text("}")]
    return [Text("{"), Nest(2, lines), HARD, Text("}")]


def between(entries: list[Entry], comments: Comments, inside: Span) -> list[Doc]:
    """The entries with what stands between them; each line starts with its break. `inside` is where all of it stood."""
    parts: list[Doc] = []
    end = inside.start
    first = True
    large = False
    for entry in entries:
        start = entry.span.start if entry.span != NOWHERE else end
        taken = comments.take(end, start) if inside != NOWHERE else []
        end, first, large = _comments(parts, taken, comments, end, first, large)
        if not first and (large or (entry.is_large and not taken) or comments.newlines(end, start) > 1):
            parts.append(HARD)
        parts += [HARD, entry.doc]
        end = max(end, entry.span.end)
        first = False
        large = entry.is_large
    if inside != NOWHERE:
        _comments(parts, comments.take(end, inside.end), comments, end, first, False)
    return parts


def _comments(
    parts: list[Doc], taken: list[Comment], comments: Comments, end: int, first: bool, large: bool
) -> tuple[int, bool, bool]:
    """Write the comments that follow `end`: on the same line, or each on its own. Gives where the last one ended."""
    for comment in taken:
        if not comment.own_line and comments.newlines(end, comment.span.start) == 0:
            parts.append("  " + comment.text)
        else:
            if not first and (large or comments.newlines(end, comment.span.start) > 1):
                parts.append(HARD)
            parts += [HARD, comment.text]
            first = large = False
        end = comment.span.end
    return end, first, large
