"""Which block of a program the parser stands in, and what may start there. Read off the tables, not listed twice."""

from __future__ import annotations

from functools import cache

from lingua.structs import Struct
from lingua.syntax.lalr import Machine
from lingua_grammar.tables import load


class Block(Struct):
    """`kind` is file, strategy, portfolio, test, settings, risk or protect; `where` is how a message names it.

    `names`: entries start with a name, so every line may start one; `commas`: entries may be parted by commas.
    """

    kind: str
    where: str
    names: bool = False
    commas: bool = False


# A block waits for an item where its tables shift this terminal.
_MARKS = {
    "_INDICATOR": Block("strategy", "in a strategy"),
    "_STRATEGY": Block("file", "at the top of a file"),
    "_EXPECT": Block("test", "in a test"),
    "_CAPITAL": Block("portfolio", "in a portfolio"),
}
_INNER = {
    "KEY": Block("settings", "in a block of settings", names=True, commas=True),
    "NAME": Block("risk", "in a risk block", names=True, commas=True),
    "_STOP": Block("protect", "in a protect block", names=True, commas=True),
}


def block_of(machine: Machine, place: int = -1) -> Block | None:
    """The block whose next item the machine waits for at `place` of its stack, or None inside an item."""
    return _block(machine.states[place])


@cache
def _block(state: int) -> Block | None:
    row = load().rows[state]
    for mark, block in _MARKS.items():
        if row.get(mark, -1) >= 0:
            return block
    if row.get("RBRACE", -1) >= 0 and row.get("SEMICOLON", -1) >= 0:
        for mark, block in _INNER.items():
            if row.get(mark, -1) >= 0:
                return block
    return None


@cache
def item_words(block: Block) -> frozenset[str]:
    """The words an item of `block` can start with, and `strategy`, which starts a new block anywhere."""
    tables = load()
    found = {"strategy"}
    for state in range(len(tables.gotos)):
        if _block(state) == block:
            row = tables.rows[state]
            found |= {word for word, kinds in tables.words.items() if any(row.get(kind, -1) >= 0 for kind, *_ in kinds)}
            break
    return frozenset(found)


@cache
def words_by_block() -> dict[str, frozenset[str]]:
    """Item words of file, strategy, test and portfolio."""
    return {
        block.kind: item_words(block) - ({"strategy"} if block.kind != "file" else set()) for block in _MARKS.values()
    }


WHERE = {block.kind: block.where for block in _MARKS.values()}
