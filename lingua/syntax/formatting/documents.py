"""Documents: texts with places where a line may break, and the renderer that decides which of them do.

After Wadler's "A prettier printer" (1998): a group is written on one line if it fits, else its own lines break. All
walks are iterative, since an expression may nest 500 levels deep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Text:
    """A piece of the program; `start` and `end` are its offsets in the source, -1 if unknown.

    `after` are comments that follow it: the text of each, and whether it stands on a line of its own.
    """

    text: str
    start: int = -1
    end: int = -1
    after: list[tuple[str, bool]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Line:
    """A blank (`flat`) that may become a line break; `hard` always is one."""

    flat: str = " "
    hard: bool = False


@dataclass(slots=True, eq=False)
class Nest:
    """Line breaks inside indent by `columns` more."""

    columns: int
    content: Doc


@dataclass(slots=True, eq=False)
class Group:
    """One line if it fits."""

    content: Doc


Doc = str | Text | Line | Nest | Group | Sequence["Doc"]

HARD = Line(hard=True)
ENDLESS = 1 << 30


def commas(docs: Iterable[Doc]) -> list[Doc]:
    """`docs` with commas between them; a line may break after each."""
    parts: list[Doc] = []
    for doc in docs:
        parts += [Text(","), Line(), doc] if parts else [doc]
    return parts


def texts(doc: Doc) -> Iterator[Text | Line]:
    """The texts and lines of `doc` in their order; bare strings are left out."""
    stack: list[Doc] = [doc]
    while stack:
        item = stack.pop()
        if isinstance(item, Text | Line):
            yield item
        elif isinstance(item, Nest | Group):
            stack.append(item.content)
        elif not isinstance(item, str):
            stack.extend(reversed(item))


def flat_width(doc: Doc, limit: int = ENDLESS, then: Doc = "") -> int:
    """Columns of `doc` and of `then` on one line; `ENDLESS` if a line has to end inside `doc`.

    A comment that ends its line may stand at the very end of `doc`: what comes `then` is on the next line.
    """
    width = 0
    stack: list[Doc] = [then, doc]
    ended = False
    while stack and width <= limit:
        item = stack.pop()
        if isinstance(item, Nest | Group):
            stack.append(item.content)
            continue
        if not isinstance(item, str | Text | Line):
            stack.extend(reversed(item))
            continue
        if ended:
            if not stack:
                return width  # only `then` is left
            if isinstance(item, Line) and not item.hard and not item.flat:
                continue
            return ENDLESS
        if isinstance(item, str):
            width += len(item)
        elif isinstance(item, Line):
            if item.hard:
                return ENDLESS
            width += len(item.flat)
        else:
            width += len(item.text)
            for comment, own_line in item.after:
                ended = ended or own_line or ends_line(comment)
                width += 1 + len(comment)
    return width


def ends_line(comment: str) -> bool:
    """Whether nothing of the program can follow `comment` on its line."""
    return not comment.startswith("/*") or "\n" in comment


def render(doc: Doc, width: int) -> str:
    """`doc` as text, each line at most `width` columns where its breaks allow."""
    out: list[str] = []
    column = 0
    broken = False  # a comment has ended the line: the next text starts a new one
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        indent, flat, item = stack.pop()
        if isinstance(item, Nest):
            stack.append((indent + item.columns, flat, item.content))
        elif isinstance(item, Group):
            fits = flat or flat_width(item.content, width - column, _rest(stack)) <= width - column
            stack.append((indent, fits, item.content))
        elif isinstance(item, Line):
            if item.hard or not flat or broken:
                # After a comment the next text starts the line, at its own depth.
                if not broken or item.hard:
                    _strip_blanks(out)
                    out.append("\n" + " " * indent)
                    column = indent
                    broken = False
            else:
                out.append(item.flat)
                column += len(item.flat)
        elif not isinstance(item, str | Text):
            stack.extend((indent, flat, part) for part in reversed(item))
        else:
            text = item if isinstance(item, str) else item.text
            if broken and text:
                _strip_blanks(out)
                out.append("\n" + " " * indent)
                column = indent
                text = text.lstrip()
                broken = False
            out.append(text)
            column += len(text)
            if isinstance(item, Text):
                for comment, own_line in item.after:
                    if own_line or broken:
                        _strip_blanks(out)
                        out.append("\n" + " " * indent + comment)
                        broken = True
                    else:
                        broken = ends_line(comment)
                        out.append(("  " if broken else " ") + comment)
                    column += len(comment) + 2
    return "".join(out)


def _rest(stack: list[tuple[int, bool, Doc]]) -> Doc:
    """What follows up to the next place that can break: it has to fit on the line too."""
    found: list[Doc] = []
    for _, flat, item in reversed(stack):
        pending: list[Doc] = [item]
        while pending:
            part = pending.pop()
            if isinstance(part, Nest | Group):
                pending.append(part.content)
            elif isinstance(part, Line):
                if part.hard or not flat:
                    return found
                found.append(part.flat)
            elif isinstance(part, str | Text):
                found.append(part if isinstance(part, str) else part.text)
            else:
                pending.extend(reversed(part))
        if len(found) > 40:
            break
    return found


def _strip_blanks(out: list[str]) -> None:
    while out and out[-1] and not out[-1].strip(" "):
        out.pop()
    if out:
        out[-1] = out[-1].rstrip(" ")
