"""Places in a text as editors count them: lines end at `\\n`, `\\r\\n` or `\\r` and nowhere else; columns count code
units of the encoding the client chose (utf-8, utf-16 or utf-32).

>>> lines = Lines("a\\r\\n\\U0001d53cb")
>>> lines.place(4, "utf-16"), lines.offset(1, 2, "utf-16")
((1, 2), 4)
"""

from __future__ import annotations

import re
from bisect import bisect_right

_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """Where the lines of `text` start and end. Offsets count characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        self.ends: list[int] = []
        for found in _LINE_END.finditer(text):
            self.ends.append(found.start())
            self.starts.append(found.end())
        self.ends.append(len(text))

    def offset(self, line: int, column: int, encoding: str) -> int:
        """The character at a place; beyond the end of a line its end, beyond the last line the end of the text."""
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(self.text)
        start, end = self.starts[line], self.ends[line]
        return start + characters(self.text[start:end], max(column, 0), encoding)

    def place(self, offset: int, encoding: str) -> tuple[int, int]:
        """Line and column of a character, both from 0."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        return line, units(self.text[start : min(offset, self.ends[line])], encoding)


def characters(line: str, column: int, encoding: str) -> int:
    """How many characters of `line` stand before the code unit `column`; one that is cut in two counts as after it."""
    if encoding == "utf-32" or line.isascii():
        return min(column, len(line))
    seen = 0
    for index, character in enumerate(line):
        seen += _width(character, encoding)
        if seen > column:
            return index
    return len(line)


def units(line: str, encoding: str) -> int:
    """Length of `line` in code units."""
    if encoding == "utf-32" or line.isascii():
        return len(line)
    if encoding == "utf-8":
        return len(line.encode("utf-8", "surrogatepass"))
    return len(line.encode("utf-16-le", "surrogatepass")) // 2


def _width(character: str, encoding: str) -> int:
    code = ord(character)
    if encoding == "utf-16":
        return 2 if code > 0xFFFF else 1
    assert encoding == "utf-8"
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
