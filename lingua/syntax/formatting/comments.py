"""Comments find their place again: after the piece of the program that they followed, or between two items."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property

from lingua.syntax.formatting.documents import Doc, Text, texts
from lingua.syntax.nodes import Comment
from lingua.syntax.scanner import Token, scan
from lingua.syntax.source import NOWHERE, Source, Span


class Comments:
    """The comments of one file that are still to be written."""

    def __init__(self, source: Source, comments: tuple[Comment, ...]) -> None:
        self.source = source
        self.waiting = sorted(comments, key=lambda comment: comment.span.start)
        self._starts = [comment.span.start for comment in self.waiting]

    @cached_property
    def _tokens(self) -> list[Token]:
        return scan(self.source).tokens

    @cached_property
    def _token_starts(self) -> list[int]:
        return [token.start for token in self._tokens]

    def within(self, span: Span) -> bool:
        """Whether a comment that starts in `span` is still to be written."""
        place = bisect_left(self._starts, span.start)
        return place < len(self._starts) and self._starts[place] < span.end

    def take(self, start: int, end: int) -> list[Comment]:
        """The comments that start in `[start, end)`; they count as written."""
        low, high = bisect_left(self._starts, start), bisect_left(self._starts, end)
        found = self.waiting[low:high]
        del self.waiting[low:high]
        del self._starts[low:high]
        return found

    def attach(self, doc: Doc, span: Span) -> None:
        """Hang each comment inside `span` on the last text of `doc` before it."""
        if span == NOWHERE or not self.within(span):
            return
        pieces = [item for item in texts(doc) if isinstance(item, Text) and item.text]
        self._locate(pieces, span)
        ends = [piece.end for piece in pieces]
        for place in range(1, len(ends)):
            ends[place] = max(ends[place], ends[place - 1])
        for comment in self.take(span.start, span.end):
            place = max(bisect_right(ends, comment.span.start) - 1, 0)
            pieces[place].after.append((comment.text, comment.own_line))

    def _locate(self, pieces: list[Text], span: Span) -> None:
        """Give signs and words their offsets: the next token that reads so, before the next piece that has one."""
        bounds = [span.end] * (len(pieces) + 1)
        for place in range(len(pieces) - 1, -1, -1):
            bounds[place] = pieces[place].start if pieces[place].start >= 0 else bounds[place + 1]
        cursor = span.start
        for place, piece in enumerate(pieces):
            if piece.start < 0:
                token = self._next(piece.text.split()[0], cursor, bounds[place + 1])
                if token is None:
                    piece.end = cursor
                    continue
                piece.start, piece.end = token.start, token.start + len(piece.text)
                if piece.text != token.text:
                    piece.end = max(token.end, cursor)
            cursor = max(cursor, piece.end)

    def _next(self, text: str, start: int, end: int) -> Token | None:
        place = bisect_left(self._token_starts, start)
        while place < len(self._tokens) and self._tokens[place].start < end:
            if self._tokens[place].text == text:
                return self._tokens[place]
            place += 1
        return None

    def inside(self, span: Span, after: int) -> Span:
        """What stands between the first `{` at or after the offset `after` and the `}` that ends `span`."""
        if span == NOWHERE:
            return NOWHERE
        brace = self._next("{", max(after, span.start), span.end)
        return Span(brace.end, span.end - 1) if brace is not None else NOWHERE

    def word_before(self, word: str, span: Span) -> Span:
        """`span` from the nearest `word` before it on."""
        if span == NOWHERE:
            return NOWHERE
        place = bisect_left(self._token_starts, span.start) - 1
        while place > 0 and self._tokens[place].text != word:
            place -= 1
        return Span(self._tokens[place].start, span.end)

    def newlines(self, start: int, end: int) -> int:
        return self.source.text.count("\n", start, end)
