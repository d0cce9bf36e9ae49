"""What happens when the machine refuses a token: mend and go on, or report, drop the item and find the next one.

Only a broken program pays for the modules that mend it: they are imported where they are first needed.

A mend keeps the item, so that the rest of the file is checked as it was meant. Otherwise the broken item is dropped:
the next item starts at a line-initial item word, or after `;`, at the brace depth of its block.
"""

from __future__ import annotations

from bisect import bisect_left

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Code, Problems
from lingua.structs import OpenStruct
from lingua.syntax.blocks import Block, block_of, item_words, words_by_block
from lingua.syntax.lalr import Lexer, Machine
from lingua.syntax.repairs.places import item_of, open_bracket
from lingua.syntax.scanner import WORD, Token
from lingua.syntax.source import Span
from lingua.syntax.wording import expected, found, shown
from lingua_grammar.tables import END

MOST_INSERTED = 12
MOST_MISTAKES = 100
VERBS_ABOVE = ("VERB", "CANCEL", "verb")
FOREIGN_CALLS = frozenset(
    """
    plotshape plotchar plotarrow plotcandle hline bgcolor barcolor alertcondition buy sell SetStopLoss SetProfitTarget
    SetPercentTrailing SetDollarTrailing SetBreakEven ApplyStop SetPositionSize SetOption
    """.split()  # noqa: SIM905 - words read best without quotes
)
# Words that go on with an item even where they start a line and are miswritten.
_GOES_ON = frozenset("and or is in crosses then else with at on of tag for".split())  # noqa: SIM905 - words read best without quotes
_HAS_BODY = frozenset("if else elif for while def class function func repeat begin when switch try".split())  # noqa: SIM905 - words read best without quotes
_DEFINES = frozenset("indicator let param parameter state signal data const fn universe".split())  # noqa: SIM905 - words read best without quotes
_DECLARES = frozenset("var varip def rec int float double bool string input auto val".split())  # noqa: SIM905 - words read best without quotes


class _Lines(OpenStruct):
    """Columns: of the line where the search began, and of the last statement with a body (-1: none)."""

    first: int
    body: int


def _start_of(token: Token) -> int:
    return token.start


class Recovery:
    """The state of one parse that concerns its mistakes.

    `quiet` is set after a report about the item that the machine is in: what follows from one mistake is not told.
    """

    def __init__(self, machine: Machine, lexer: Lexer, problems: Problems, end_is_known: bool = False) -> None:
        self.machine = machine
        self.lexer = lexer
        self.problems = problems
        self.broken: list[str] = []
        self.finished = False
        self.end_is_known = end_is_known
        self.quiet = False
        self.blocks_by_colon = 0
        self._quiet_place = 0
        self._inserted_at = -1
        self._inserted = 0
        self._last_resync = -1

    # --- what repairs use ------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self.lexer.text

    def raw(self, ahead: int = 0) -> Token:
        """The raw token at the lexer's place plus `ahead`; the end of the file beyond it."""
        place = self.lexer.index + ahead
        return self.lexer.raw[min(max(place, 0), len(self.lexer.raw) - 1)]

    def starts_line(self, token: Token) -> bool:
        """Whether nothing but blanks stands before `token` on its line."""
        raw = self.lexer.raw
        place = bisect_left(raw, token.start, key=_start_of)
        end = raw[place - 1].end if place > 0 else 0
        return place == 0 or self.text.find("\n", end, token.start) >= 0

    def report(self, code: Code, span: Span, **parts: object) -> None:
        """Report unless the item was already found broken, or the file ends early for a reason already told."""
        if not self.quiet and not (self.end_is_known and self.raw().kind == END):
            self.problems.add(code, span, **parts)  # type: ignore[arg-type]

    def insert(self, kind: str, text: str) -> bool:
        """Feed a token that is not in the text, before the next one."""
        if self._inserted_at == self.lexer.index:
            self._inserted += 1
            if self._inserted > MOST_INSERTED:
                return False
        else:
            self._inserted_at, self._inserted = self.lexer.index, 1
        place = self.raw().start
        return self.machine.feed(Token(kind, text, place, place))

    def replace(self, kind: str, text: str, count: int = 1) -> bool:
        """Feed a token in the place of the next `count` raw ones."""
        token = Token(kind, text, self.raw().start, self.raw(count - 1).end)
        if not self.machine.feed(token):
            return False
        self.skip(count)
        return True

    def skip(self, count: int = 1) -> None:
        self.lexer.index = min(self.lexer.index + count, len(self.lexer.raw) - 1)

    def back_to(self, start: int) -> None:
        """Read again from the first raw token that starts at or after the offset `start`."""
        raw = self.lexer.raw
        while self.lexer.index > 0 and raw[self.lexer.index - 1].start >= start:
            self.lexer.index -= 1

    def closing(self) -> Token | None:
        """The bracket that closes the one at the lexer's place."""
        index = self._closing_index()
        return None if index is None else self.lexer.raw[index]

    def forget_closing(self) -> None:
        """Take out the bracket that closes the one at the lexer's place."""
        index = self._closing_index()
        if index is not None:
            del self.lexer.raw[index]

    def _closing_index(self) -> int | None:
        raw = self.lexer.raw
        opening = raw[self.lexer.index].kind
        closing = {"LBRACE": "RBRACE", "LPAR": "RPAR"}[opening]
        depth = 0
        for index in range(self.lexer.index, len(raw)):
            depth += (raw[index].kind == opening) - (raw[index].kind == closing)
            if depth == 0:
                return index
        return None

    def accepts(self, kind: str) -> bool:
        return self.machine.accepts(kind)

    def silence(self) -> None:
        """Say nothing more about the item the machine is in."""
        self.quiet = True
        self._quiet_place = self._list_place()

    # --- the ways out ----------------------------------------------------------------------------

    def intercepted(self, token: Token) -> bool:
        """Tokens the grammar would take, though not as they were meant: then they are dealt with here.

        `plot (…)` on a line of its own after a bare verb would be its amount; `let x = …` after an unclosed `risk {`
        would be a limit. `plotshape(…)` there is a statement of another language.
        """
        if token.text in FOREIGN_CALLS and self.machine.symbol(-1) in VERBS_ABOVE and self.raw(1).kind == "LPAR":
            return self._swallowed_statement(token)
        if (
            token.kind not in ("NAME", "WORD")
            or token.text not in self.lexer.tables.words
            or not self.starts_line(token)
        ):
            return False
        from lingua.syntax.repairs.actions import SWALLOWED, swallowed
        from lingua.syntax.repairs.brackets import braces

        if token.text not in words_by_block()["strategy"]:
            return False
        if token.text in SWALLOWED and swallowed(self, token):
            return True
        block = block_of(self.machine, open_bracket(self))
        return block is not None and block.names and braces(self, token)

    def refused(self, token: Token) -> None:
        """The machine has no action for `token`: leave it in a state that has, further on in the text or the stack."""
        if self.quiet and self._list_place() != self._quiet_place:
            self.quiet = False
        if self._finished_item(token) or self._habit_behind(token) or self._swallowed_statement(token):
            return
        place = (self.lexer.index, len(self.machine.states), self.machine.states[-1])
        from lingua.syntax.repairs.order import REPAIRS

        for repair in REPAIRS:
            if repair(self, token):
                if (self.lexer.index, len(self.machine.states), self.machine.states[-1]) != place or self.finished:
                    return
                break
        at_item_start = block_of(self.machine) is not None
        if not at_item_start or not self._statement(token):
            self._unexpected(token)
        self.resync(statements=at_item_start)

    def _unexpected(self, token: Token) -> None:
        what = expected(self.machine)
        _, place = item_of(self)
        before = self.raw(-1)
        start = self.machine.starts[place] if place else 0
        ends = token.kind in (END, "RBRACE") or self.starts_line(token)
        if ends and self.lexer.index > 0 and before.end > start and block_of(self.machine) is None:
            self.report(
                codes.INCOMPLETE,
                before.span,
                what=shown(self.text[start : before.end]),
                expected=what,
                help=f"go on with {what} after {shown(before.text)}",
            )
            return
        self.report(
            codes.UNEXPECTED,
            token.span,
            found=found(token),
            expected=what,
            help=f"write {what} here, or take {found(token)} out",
        )

    def _finished_item(self, token: Token) -> bool:
        """End the item the machine is in where a new line starts with something that cannot go on with it."""
        raw = self.raw()
        starts = self.starts_line(raw) or self.raw(-1).kind in ("RBRACE", "SEMICOLON", "LBRACE")
        if raw.kind != "RBRACE" and not (starts and raw.kind in (WORD, "LSQB")):
            return False
        if block_of(self.machine) is not None or (raw.text.lower() in _GOES_ON and not raw.text.islower()):
            return False
        if not self.accepts("SEMICOLON"):
            return False
        return self.machine.settle("RBRACE") or self.machine.settle("_STRATEGY")

    def _habit_behind(self, token: Token) -> bool:
        """A statement that begins as an item does: `strategy("x")`, `plot(a, color=red)`, `plot x = close`."""
        item, place = item_of(self)
        if item not in ("_STRATEGY", "_INDICATOR", "_PLOT", "_PLOT_WORD", "_ALERT", "_IMPORT"):
            return False
        machine = self.machine
        first = machine.symbol(place + 1) if place + 1 < len(machine.states) else ""
        pane_or_call = first == "LPAR" and item in ("_PLOT", "_PLOT_WORD") and token.kind in ("COMMA", "EQUAL", "COLON")
        thinkscript = item in ("_PLOT", "_PLOT_WORD") and token.kind == "EQUAL" and first in ("NAME", "postfix", "expr")
        if not (pane_or_call or thinkscript or (not first and token.kind in ("LPAR", "NAME"))):
            return False
        index = self.lexer.index
        self.back_to(machine.starts[place])
        if not self._habit(token, only_sure=True):
            self.lexer.index = index
            return False
        machine.cut(place)
        self.resync(statements=True)
        return True

    def _swallowed_statement(self, token: Token) -> bool:
        """A statement of another language on the line below a bare verb, which took its first word for an amount:
        `=> sell` and then `if close > open:`. The rule above it stands."""
        machine = self.machine
        item, place = item_of(self)
        verb = next((at for at in range(len(machine.states) - 1, place, -1) if machine.symbol(at) in VERBS_ABOVE), 0)
        if token.kind == "COLON" and machine.symbol(-1) == "_ELSE":
            verb = len(machine.states) - 2
        if item != "_RULE" or verb <= place or self._chooses(verb):
            return False
        index = self.lexer.index
        if verb + 1 < len(machine.states):
            self.back_to(machine.starts[verb + 1])
        raw = self.raw()
        if (
            raw.kind not in (WORD, "LSQB")
            or not self.starts_line(raw)
            or raw.text in words_by_block()["strategy"]
            or not self._habit(raw, only_sure=True)
        ):
            self.lexer.index = index
            return False
        machine.cut(verb + 1)
        if not (machine.settle("RBRACE") or machine.settle("_STRATEGY")):
            machine.cut(place)
        self.resync(statements=True)
        return True

    def _chooses(self, verb: int) -> bool:
        """Whether what stands above place `verb` is an `if … then …` between values, not one between orders."""
        from lingua.syntax.repairs.actions import verb_meant

        machine = self.machine
        then = next((at for at in range(verb, len(machine.states) - 1) if machine.symbol(at) == "_THEN"), 0)
        return bool(then) and verb_meant(self.text[machine.starts[then + 1] : machine.ends[then + 1]]) is None

    def too_deep(self, span: Span, limit: int) -> None:
        self.report(
            codes.TOO_LARGE,
            Span(span.start, min(span.end, span.start + 40)),
            what=f"an expression may be {limit} levels deep (each operator of a chain counts), and this one is deeper",
            help="name a part of it with `let`",
        )
        self.resync(statements=False)

    def resync(self, statements: bool) -> None:
        """Drop the item the machine is in and go on at the next one. Where whole `statements` of another language
        stand between items, each that is recognised is translated."""
        machine = self.machine
        place = self._list_place()
        if block_of(machine, place) is None:
            self.lexer.index = len(self.lexer.raw) - 1
            self.finished = True
            machine.values[-1] = None
            return
        block = block_of(machine, place)
        assert block is not None
        depth = sum(machine.symbol(above) == "LBRACE" for above in range(place + 1, len(machine.states)))
        at_start = place + 1 == len(machine.states)
        self._note_broken(self.raw().start if at_start else machine.starts[place + 1])
        machine.cut(place + 1)
        raw = self.raw()
        lines = _Lines(self._column(raw), -1)
        if at_start and (statements or self.lexer.index == self._last_resync) and raw.kind not in (END, "RBRACE"):
            lines.body = self._body(raw)
            depth += raw.kind == "LBRACE"
            self.skip()
        elif self.lexer.index == self._last_resync:
            self.skip()
        self._seek(block, depth, statements, lines)
        self._last_resync = self.lexer.index
        self.quiet = self.raw().kind == END
        self._quiet_place = self._list_place()

    def _column(self, raw: Token) -> int:
        """Column of the first token of a line; -1 for one inside a line."""
        return raw.start - self.text.rfind("\n", 0, raw.start) - 1 if self.starts_line(raw) else -1

    def _body(self, raw: Token) -> int:
        """Column of a statement that has a body; lines further in belong to it. -1 for any other."""
        return self._column(raw) if raw.text.lower() in _HAS_BODY else -1

    def _seek(self, block: Block, depth: int, statements: bool, lines: _Lines) -> None:
        """Move to the next token at which an item of `block` can start, or that closes the block.

        Where statements of another language stand, each line that is one gets its message; not the lines that are the
        body of a statement that was reported, nor, unless they are surely one, lines further in than the first.
        """
        words = item_words(block)
        while self.raw().kind != END:
            token = self.raw()
            if token.kind == "RBRACE":
                if depth == 0 and block.kind != "file":
                    return
                depth = max(depth - 1, 0)
            elif token.kind == "LBRACE":
                depth += 1
            elif (depth == 0 or token.text == "strategy") and self._starts_entry(token, block, depth, lines):
                separated = self.raw(-1).kind in ("SEMICOLON", "COMMA") and not statements
                if self._opens_item(token, words) or (block.names and token.kind == WORD) or separated:
                    return
                if statements and depth == 0 and len(self.problems.found) <= MOST_MISTAKES:
                    unsure = self._column(token) != lines.first
                    if self._habit(token, only_sure=unsure):
                        lines.body = self._body(token)
            self.skip()

    def _starts_entry(self, token: Token, block: Block, depth: int, lines: _Lines) -> bool:
        """Whether an entry can start at `token`: after a separator, or first on a line that is no body."""
        before = self.raw(-1).kind
        if depth == 0 and (before == "SEMICOLON" or (block.commas and before == "COMMA")):
            return True
        if token.kind not in (WORD, "LSQB") or not self.starts_line(token):
            return False
        if 0 <= lines.body < self._column(token):
            return False
        lines.body = -1
        return True

    def _opens_item(self, token: Token, words: frozenset[str]) -> bool:
        if token.text not in words:
            return False
        following = self.lexer.raw[self.lexer.index + 1]
        if token.text in self.lexer.tables.reserved:
            return following.kind == WORD
        return following.kind in (WORD, "COLON", "STRING", "NUMBER", "LBRACE", "LPAR", "UNITNUM", "PERCENT")

    def _statement(self, token: Token) -> bool:
        """Report what stands where an item should start, if it is a statement another language would have there."""
        return self.quiet or self._habit(token, only_sure=False)

    def _habit(self, token: Token, only_sure: bool) -> bool:
        """Report the statement of another language at the lexer's place, if there is one."""
        from lingua.syntax.habits import habit_at

        return habit_at(self, token, only_sure)

    def _list_place(self) -> int:
        """The highest place of the stack at which a block waits for its next item."""
        for place in range(len(self.machine.states) - 1, -1, -1):
            if block_of(self.machine, place) is not None:
                return place
        return 0

    def _note_broken(self, start: int) -> None:
        """Remember what the item that starts at `start` would have defined."""
        raw = self.lexer.raw
        index = min(self.lexer.index, len(raw) - 1)
        while index > 0 and raw[index].start > start:
            index -= 1
        if raw[index].text in _DECLARES and raw[index + 1].kind == WORD:
            index += 1
        elif raw[index].text in _DEFINES:
            index += 1
            index += raw[index].kind == "LPAR"
        elif raw[index].kind != WORD or raw[index + 1].text not in ("=", ":=", "+=", "-="):
            return
        while raw[index].kind == WORD:
            self.broken.append(raw[index].text)
            if raw[index + 1].kind != "COMMA":
                break
            index += 2
