"""The LALR(1) driver: shifts and reduces by the saved tables, and asks the parser's state what a word means.

Every reduction calls the builder with the span it covers, so the syntax tree is made on the way and there is no
parse tree. The stacks lie open: recovery repairs them and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from lingua.syntax.scanner import WORD, Scan, Token
from lingua.syntax.source import Span
from lingua_grammar.tables import END, Rule, Tables, load

Make = Callable[[list[Any], Span], Any]


class Builder(Protocol):
    """What reductions call; `grows` names the productions that nest an expression one level deeper."""

    @property
    def grows(self) -> frozenset[str]: ...

    def callback(self, name: str) -> Callable[..., Any]: ...


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


class TooDeep(Exception):
    """An expression nests deeper than the limit."""

    def __init__(self, span: Span) -> None:
        self.span = span


class Machine:
    """The stacks of one parse. `feed` takes a token as far as the tables allow."""

    def __init__(self, builder: Builder, start: str, depth_limit: int, tables: Tables | None = None) -> None:
        self.tables = tables or load()
        self.end_state = self.tables.ends[start]
        self.depth_limit = depth_limit
        self.states: list[int] = [self.tables.starts[start]]
        self.values: list[Any] = [None]
        self.starts: list[int] = [0]
        self.ends: list[int] = [0]
        self.depths: list[int] = [0]
        self._made: list[tuple[Make | None, bool] | None] = [None] * len(self.tables.rules)
        self._builder = builder
        self._chains: dict[tuple[int, str, str], int] = {}

    @property
    def row(self) -> dict[str, int]:
        return self.tables.rows[self.states[-1]]

    def symbol(self, place: int) -> str:
        """The grammar symbol on place `place` of the stack."""
        return self.tables.symbols[self.states[place]]

    def cut(self, size: int) -> None:
        """Forget all but the first `size` places."""
        for stack in (self.states, self.values, self.starts, self.ends, self.depths):
            del stack[size:]

    def accepts(self, kind: str) -> bool:
        """Whether a token of this kind could be shifted next, after whatever reductions it asks for."""
        rows, rules, chains, states = self.tables.rows, self.tables.rules, self._chains, self.states
        left = len(states)
        above: list[int] = []
        state = states[-1]
        while True:
            action = rows[state].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = rules[~action]
            drop = rule.size - len(above)
            if drop >= 0:
                above.clear()
                left -= drop
                base = states[left - 1]
            else:
                del above[len(above) - rule.size :]
                base = above[-1]
            state = chains.get((base, rule.origin, kind)) or self._goto(base, rule.origin, kind)
            above.append(state)
            if kind == END and state == self.end_state:
                return True

    def push(self, state: int, value: Any, start: int, end: int, depth: int) -> None:
        self.states.append(state)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)
        self.depths.append(depth)

    def feed(self, token: Token) -> bool:
        """Reduce and shift `token`; False, and nothing done, when it cannot stand here.

        LALR(1) finds a wrong token only after some reductions. They are tried on the states alone first: a mend needs
        the stack as it was (`a AND b` must not have become a whole condition before `AND` is refused).
        """
        rows, states, kind = self.tables.rows, self.states, token.kind
        action = rows[states[-1]].get(kind)
        if action is None or (action < 0 and not self.accepts(kind)):
            return False
        while True:
            action = rows[states[-1]][kind]
            if action >= 0:
                self.push(action, token, token.start, token.end, 0)
                return True
            self._reduce(~action, token)
            if kind == END and states[-1] == self.end_state:
                return True

    def settle(self, kind: str) -> bool:
        """Make the reductions that `kind` asks for, and shift nothing; False, and nothing done, if it cannot stand."""
        if not self.accepts(kind):
            return False
        place = self.ends[-1]
        while (action := self.tables.rows[self.states[-1]][kind]) < 0:
            self._reduce(~action, Token(kind, "", place, place))
        return True

    def _reduce(self, number: int, token: Token) -> None:
        rule = self.tables.rules[number]
        made = self._made[number]
        if made is None:
            grows = rule.callback in self._builder.grows
            made = self._made[number] = (_maker(rule, self._builder), grows)
        make, grows = made
        size = rule.size
        states, stack = self.states, self.values
        if size == 1:
            # The most frequent: one place for another, over the same span.
            if make is not None:
                stack[-1] = make([stack[-1]], Span(self.starts[-1], self.ends[-1]))
            key = (states[-2], rule.origin, token.kind)
            states[-1] = self._chains.get(key) or self._goto(*key)
        elif size:
            starts, ends, depths = self.starts, self.ends, self.depths
            start, end, depth, values = starts[-size], ends[-1], max(depths[-size:]), stack[-size:]
            if grows:
                depth += 1
                if depth > self.depth_limit:
                    raise TooDeep(Span(start, end))
            value = make(values, Span(start, end)) if make is not None else values[rule.children[0][0]]
            del starts[1 - size :]
            ends[-size:] = (end,)
            depths[-size:] = (depth,)
            stack[-size:] = (value,)
            key = (states[-size - 1], rule.origin, token.kind)
            states[-size:] = (self._chains.get(key) or self._goto(*key),)
        else:
            place = token.start
            value = make([], Span(place, place)) if make is not None else None
            self.push(self._goto(states[-1], rule.origin, token.kind), value, place, place, 0)

    def _goto(self, base: int, origin: str, kind: str) -> int:
        """The state after `origin` on top of `base`, past all productions that only pass it through on `kind`."""
        key = (base, origin, kind)
        state = self._chains.get(key)
        if state is None:
            gotos = self.tables.gotos[base]
            state = gotos[origin]
            while state != self.end_state:
                action = self.tables.rows[state].get(kind)
                if action is None or action >= 0:
                    break
                rule = self.tables.rules[~action]
                if rule.size != 1 or rule.callback is not None:
                    break
                state = gotos[rule.origin]
            self._chains[key] = state
        return state


def _maker(rule: Rule, builder: Builder) -> Make | None:
    """How the value of a production comes from the values of its symbols."""
    children = rule.children
    if rule.callback is None:
        return None
    if rule.callback == "":
        return lambda values, span: _collect(children, values)
    call = builder.callback(rule.callback)
    if any(splice for _, splice in children):
        return lambda values, span: call(span, *_collect(children, values))
    places = [place for place, _ in children]
    if places == [0]:
        return lambda values, span: call(span, values[0])
    if places == [0, 2]:
        return lambda values, span: call(span, values[0], values[2])
    if -1 in places:
        return lambda values, span: call(span, *[None if place < 0 else values[place] for place in places])
    return lambda values, span: call(span, *[values[place] for place in places])


def _collect(children: tuple[tuple[int, bool], ...], values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for place, splice in children:
        if place < 0:
            found.append(None)
        elif not splice:
            found.append(values[place])
        elif found:
            found += values[place]
        else:
            # The list belongs to this parent alone: taking it over keeps long lists linear.
            found = values[place]
    return found


class Lexer:
    """Hands out the tokens of a scan, each as the kind that fits where the parser stands."""

    def __init__(self, scanned: Scan, machine: Machine) -> None:
        self.text = scanned.text
        self.raw = scanned.tokens
        self.index = 0
        self.machine = machine
        self.tables = machine.tables

    def peek(self) -> tuple[Token, int]:
        """The next token, and the index of the raw token after it."""
        token = self.raw[self.index]
        if token.kind != WORD:
            if token.kind == "GE" and "GE" not in self.machine.row and "GT" in self.machine.row:
                # `let w: window<float, 64>= e`: the sign that closes the type, then the one that defines.
                middle = token.start + 1
                self.raw[self.index : self.index + 1] = [
                    Token("GT", ">", token.start, middle),
                    Token("EQUAL", "=", middle, token.end),
                ]
                token = self.raw[self.index]
            return token, self.index + 1
        kind, end = self.word(token)
        index = self.index + 1
        if end == token.end:
            return Token(kind, token.text, token.start, end), index
        while self.raw[index].start < end:
            index += 1
        return Token(kind, self.text[token.start : end], token.start, end), index

    def word(self, token: Token) -> tuple[str, int]:
        """Terminal and end of the word `token`: a keyword where the parser takes one and what follows says so.

        The row of a state may list a terminal that the stack below it cannot take (LALR merges look-aheads), hence
        the question to the machine wherever a word could be two things.
        """
        tables, machine = self.tables, self.machine
        row = machine.row
        candidates = tables.words.get(token.text, [])
        reserved = token.text in tables.reserved
        for kind, pattern, before_name, _ in candidates:
            if kind in row and before_name:
                end = token.end
                if pattern is not None:
                    found = _compiled(pattern).match(self.text, token.start)
                    if not found:
                        continue
                    end = found.end()
                if reserved or machine.accepts(kind):
                    return kind, end
        if reserved:
            return candidates[0][0], token.end
        for kind, pattern in tables.open_words:
            if kind in row and _compiled(pattern).match(self.text, token.start) and machine.accepts(kind):
                return kind, token.end
        if candidates and not ("NAME" in row and machine.accepts("NAME")):
            # No name can stand here, so the word alone makes the keyword: what is wrong comes after it.
            for kind, _, _, goes_on in candidates:
                if kind in row and not goes_on and machine.accepts(kind):
                    return kind, token.end
        return "NAME", token.end
