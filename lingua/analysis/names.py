"""Where a piece of a program speaks of names: what each occurrence is, before anything is looked up.

Names live in spaces that do not meet: values, functions, strategies, rules, and so on. What is bound inside the piece
(an input of a function, a fold's variable, a local `let`) is bound here; all else waits for the names of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lingua.structs import Struct, fields
from lingua.syntax import nodes as ast
from lingua.syntax.scanner import Token
from lingua.syntax.source import Span


class Space(StrEnum):
    VALUE = "value"
    FUNCTION = "function"
    STRATEGY = "strategy"
    RULE = "rule"
    FILTER = "filter"
    ALERT = "alert"
    PORTFOLIO = "portfolio"
    PART = "part"
    """After a dot: a part of what stands before it."""
    INPUT = "input"
    """The name of an argument of a call, before its colon."""
    FILE = "file"
    """The path of an import."""


@dataclass(frozen=True, slots=True)
class Use:
    """One occurrence `[start, end)` of a name.

    `kind` is set where the name is defined: `param`, `let`, `function`, `rule` … `binder` is the start of the
    definition for a name bound inside the piece, -1 for others. `owner` is what stands before the dot, the function of
    a named argument, or the strategy whose parameter is meant. `outer`: inside its own definition, where it means
    another.
    """

    start: int
    end: int
    name: str
    space: Space
    kind: str = ""
    binder: int = -1
    owner: str = ""
    outer: bool = False


_HOLE = re.compile(r"\{\s*([A-Za-z_]\w*)")


def uses_of(items: tuple[Any, ...], tokens: tuple[Token, ...], shift: int) -> tuple[Use, ...]:
    """Every name of `items` in source order. `shift` is taken from their spans."""
    walk = _Walk(tokens, shift)
    for item in items:
        walk.item(item)
    if tokens and not any(use.kind for use in walk.found):
        _defined_in_broken(walk, tokens)
    # The same word twice (`fired(enter)` names a rule, where a value could stand): the first reading, which knew more.
    kept = {(use.start, use.end): use for use in reversed(walk.found)}
    return tuple(sorted(kept.values(), key=lambda use: (use.start, use.end)))


_DEFINES = {
    "param": (Space.VALUE, "param"), "parameter": (Space.VALUE, "param"), "indicator": (Space.VALUE, "indicator"),
    "let": (Space.VALUE, "let"), "state": (Space.VALUE, "state"), "signal": (Space.VALUE, "signal"),
    "data": (Space.VALUE, "data"), "const": (Space.VALUE, "const"), "universe": (Space.VALUE, "universe"),
    "rule": (Space.RULE, "rule"), "filter": (Space.FILTER, "filter"), "alert": (Space.ALERT, "alert"),
    "fn": (Space.FUNCTION, "function"), "strategy": (Space.STRATEGY, "strategy"),
}  # fmt: skip


def _defined_in_broken(walk: _Walk, tokens: tuple[Token, ...]) -> None:
    """What an item that does not parse would define: its name is known all the same."""
    known = _DEFINES.get(tokens[0].text)
    if known is not None and len(tokens) > 1 and tokens[1].kind == "NAME":
        space, kind = known
        walk.found.append(Use(tokens[1].start, tokens[1].end, tokens[1].text, space, kind))


@dataclass(slots=True)
class _Bound:
    """Names bound around an expression: name to the start of its definition, per space."""

    values: dict[str, int]
    own: frozenset[str] = frozenset()
    strategy: str = ""
    is_test: bool = False

    def with_values(self, more: dict[str, int]) -> _Bound:
        return _Bound({**self.values, **more}, self.own, self.strategy, self.is_test)


_NOTHING = _Bound({})


class _Walk:
    def __init__(self, tokens: tuple[Token, ...], shift: int) -> None:
        self.tokens = tokens
        self.shift = shift
        self.found: list[Use] = []

    # --- adding ------------------------------------------------------------------------------

    def add(
        self, span: Span, name: str, space: Space, kind: str = "", binder: int = -1, owner: str = "",
        outer: bool = False,
    ) -> None:  # fmt: skip
        start = span.start - self.shift
        if span.end > span.start and start >= 0:
            self.found.append(Use(start, span.end - self.shift, name, space, kind, binder, owner, outer))

    def local(self, span: Span, name: str, kind: str) -> int:
        """A name bound inside the piece; what marks it."""
        start = span.start - self.shift
        self.add(span, name, Space.VALUE, kind, start)
        return start

    def after(self, word: str, within: Span) -> Span | None:
        """The token behind the first `word` in a span of the tree, as a span of the tree."""
        low, high = within.start - self.shift, within.end - self.shift
        for place, token in enumerate(self.tokens[:-1]):
            if low <= token.start < high and token.text.split()[0] == word:
                following = self.tokens[place + 1]
                return Span(following.start + self.shift, following.end + self.shift)
        return None

    # --- items -------------------------------------------------------------------------------

    def item(self, item: Any) -> None:
        match item:
            case ast.Import():
                self._import(item)
            case ast.Const():
                self.add(item.name_span, item.name, Space.VALUE, "const")
                self.parts(item, _Bound({}, frozenset({item.name})))
            case ast.Fn():
                self._function(item)
            case ast.Extern():
                self.add(item.name_span, item.name, Space.FUNCTION, "extern")
                for param in item.params:
                    self.local(param.name_span, param.name, "input")
                    if param.default is not None:
                        self.expr(param.default, _NOTHING)
            case ast.Strategy():
                self.add(item.name_span, item.name, Space.STRATEGY, "strategy")
                for part in item.items:
                    self.item(part)
            case ast.Portfolio():
                self.add(item.name_span, item.name, Space.PORTFOLIO, "portfolio")
                self.parts(item, _NOTHING)
            case ast.Test():
                self._test(item)
            case ast.Let():
                for name, span in zip(item.names, item.name_spans, strict=False):
                    self.add(span, name, Space.VALUE, "let")
                self.parts(item, _Bound({}, frozenset(item.names)))
            case ast.Indicator() | ast.Param() | ast.Signal():
                kind = type(item).__name__.lower()
                self.add(item.name_span, item.name, Space.VALUE, kind)
                self.parts(item, _Bound({}, frozenset({item.name})))
            case ast.State():
                self.add(item.name_span, item.name, Space.VALUE, "state")
                self.parts(item, _Bound({}, frozenset({item.name})))
            case ast.Data():
                self.add(item.name_span, item.name, Space.VALUE, "data")
                if isinstance(item.timeframe, ast.Name):
                    self.expr(item.timeframe, _NOTHING)
            case ast.Universe():
                self.add(item.name_span, item.name, Space.VALUE, "universe")
                self.parts(item, _NOTHING)
            case ast.Rule() | ast.Filter() | ast.Alert():
                space = {ast.Rule: Space.RULE, ast.Filter: Space.FILTER, ast.Alert: Space.ALERT}[type(item)]
                self.add(item.name_span, item.name, space, str(space))
                self.parts(item, _NOTHING)
                if isinstance(item, ast.Alert):
                    self._holes(item)
            case _:
                self.parts(item, _NOTHING)

    def _import(self, item: ast.Import) -> None:
        path = self.after("import", item.span)
        if path is not None:
            self.add(path, item.path, Space.FILE)
        alias = self.after("as", item.span)
        if item.alias and alias is not None:
            self.add(alias, item.alias, Space.VALUE, "import")

    def _function(self, fn: ast.Fn) -> None:
        self.add(fn.name_span, fn.name, Space.FUNCTION, "function")
        bound: dict[str, int] = {}
        for param in fn.params:
            if param.default is not None:
                self.expr(param.default, _NOTHING)
            bound[param.name] = self.local(param.name_span, param.name, "input")
        for part in fn.body:
            names = part.names if isinstance(part, ast.Let) else (part.name,)
            spans = part.name_spans if isinstance(part, ast.Let) else (part.name_span,)
            kind = "let" if isinstance(part, ast.Let) else "state"
            for name, span in zip(names, spans, strict=False):
                bound[name] = self.local(span, name, kind)
        for part in fn.body:
            own = part.names if isinstance(part, ast.Let) else (part.name,)
            inner = {name: binder for name, binder in bound.items() if name not in own}
            inner |= {param.name: bound[param.name] for param in fn.params if param.name in own}
            self.parts(part, _Bound(inner, frozenset(own)))
        self.expr(fn.result, _Bound(bound))

    def _test(self, test: ast.Test) -> None:
        around = _Bound({}, strategy=test.strategy or "", is_test=True)
        if test.strategy is not None:
            name = self.after("for", test.span)
            if name is not None:
                self.add(name, test.strategy, Space.STRATEGY)
        for part in test.parts:
            match part:
                case ast.Given():
                    if part.owner is not None:
                        self.add(
                            Span(*self._word(part.span, part.owner)), part.owner, Space.VALUE, owner=around.strategy
                        )
                    if part.value is not None:
                        self.expr(part.value, around)
                case ast.Using():
                    self._arguments(part.args, around, Space.INPUT, f"strategy {around.strategy}")
                case _:
                    self.parts(part, around)

    def _word(self, within: Span, word: str) -> tuple[int, int]:
        low, high = within.start - self.shift, within.end - self.shift
        for token in self.tokens:
            if low <= token.start < high and token.text == word:
                return token.start + self.shift, token.end + self.shift
        return 0, 0

    def _holes(self, item: ast.Alert) -> None:
        """Names between braces in the message of an alert."""
        for token in reversed(self.tokens):
            if token.kind == "STRING" and token.start + self.shift >= item.span.start:
                for hole in _HOLE.finditer(token.text):
                    start = token.start + self.shift + hole.start(1)
                    self.add(Span(start, start + len(hole.group(1))), hole.group(1), Space.VALUE)
                return

    # --- expressions -------------------------------------------------------------------------

    def parts(self, node: Any, bound: _Bound) -> None:
        """Everything below a node that is no expression itself."""
        for child in _children(node):
            match child:
                case ast.SymbolRef():
                    if not child.quoted:
                        self.add(child.span, child.name, Space.VALUE, owner=bound.strategy)
                case ast.Run():
                    self._run(child, bound)
                case ast.Action():
                    if child.cancel_rule is not None:
                        self.add(Span(*self._word(child.span, child.cancel_rule)), child.cancel_rule, Space.RULE)
                    self.parts(child, bound)
                case _ if isinstance(child, _EXPRESSIONS):
                    self.expr(child, bound)
                case _:
                    self.parts(child, bound)

    def _run(self, run: ast.Run, bound: _Bound) -> None:
        self.add(Span(*self._word(run.span, run.strategy)), run.strategy, Space.STRATEGY)
        self._arguments(run.args, bound, Space.INPUT, f"strategy {run.strategy}")
        for symbol in run.symbols:
            if not symbol.quoted:
                self.add(symbol.span, symbol.name, Space.VALUE)
        if run.weight is not None:
            self.expr(run.weight, bound)

    def expr(self, root: Any, bound: _Bound) -> None:
        stack: list[tuple[Any, _Bound]] = [(root, bound)]
        while stack:
            node, around = stack.pop()
            match node:
                case ast.Name():
                    self._name(node, around, Space.VALUE)
                case ast.Call(function, args):
                    self._callee(node, around)
                    owner = _callee_text(function)
                    for arg in args:
                        self._argument_name(arg, Space.INPUT, owner)
                        stack += [(part, around) for part in (arg.value, arg.up_to) if part is not None]
                    if isinstance(function, ast.Field) and not isinstance(function.operand, ast.Name):
                        stack.append((function.operand, around))
                case ast.Field(operand, name):
                    owner = operand.name if isinstance(operand, ast.Name) else ""
                    self.add(node.name_span, name, Space.PART, owner=owner)
                    stack.append((operand, around))
                case ast.Fold():
                    place = self._word(Span(node.span.start, node.low.span.start), node.variable)
                    binder = self.local(Span(*place), node.variable, "variable")
                    inner = around.with_values({node.variable: binder})
                    stack += [(node.low, around), (node.high, around), (node.body, inner)]
                case _:
                    stack += [(child, around) for child in _children(node)]

    def _name(self, node: ast.Name, bound: _Bound, space: Space) -> None:
        binder = bound.values.get(node.name, -1)
        is_outer = binder < 0 and node.name in bound.own
        self.add(node.span, node.name, space, binder=binder, owner=bound.strategy, outer=is_outer)

    def _callee(self, call: ast.Call, bound: _Bound) -> None:
        function = call.function
        if isinstance(function, ast.Name):
            if function.name in bound.values:
                self._name(function, bound, Space.VALUE)
                return
            self.add(function.span, function.name, Space.FUNCTION, owner=bound.strategy)
            if bound.is_test and function.name == "fired" and len(call.args) == 1:
                self._rule_asked_about(call, bound)
        elif isinstance(function, ast.Field):
            owner = function.operand.name if isinstance(function.operand, ast.Name) else ""
            if owner:
                self._name(function.operand, bound, Space.VALUE)  # type: ignore[arg-type]
            self.add(function.name_span, function.name, Space.FUNCTION, owner=f".{owner}")

    def _rule_asked_about(self, call: ast.Call, bound: _Bound) -> None:
        given = call.args[0].value
        if isinstance(given, ast.Name):
            self.add(given.span, given.name, Space.RULE, owner=bound.strategy)

    def _arguments(self, args: tuple[ast.Arg, ...], bound: _Bound, space: Space, owner: str) -> None:
        for arg in args:
            self._argument_name(arg, space, owner)
            self.expr(arg.value, bound)

    def _argument_name(self, arg: ast.Arg, space: Space, owner: str) -> None:
        if arg.name is not None:
            self.add(Span(arg.span.start, arg.span.start + len(arg.name)), arg.name, space, owner=owner)


def _callee_text(function: ast.Expr) -> str:
    match function:
        case ast.Name(name):
            return name
        case ast.Field(ast.Name(owner), name):
            return f"{owner}.{name}"
        case _:
            return ""


_EXPRESSIONS = (
    ast.Number, ast.Ratio, ast.RMultiple, ast.Duration, ast.Quantity, ast.String, ast.Bool, ast.Na, ast.Name, ast.Paren,
    ast.ListExpr, ast.SetExpr, ast.Unary, ast.Binary, ast.Compare, ast.IsNa, ast.In, ast.If, ast.Match, ast.Index,
    ast.Field, ast.Call, ast.At, ast.Fold,
)  # fmt: skip


def _children(node: Any) -> Iterator[Any]:
    """The nodes directly below `node`, in the order of its fields."""
    if not isinstance(node, Struct) or isinstance(node, Span):
        return
    for name in fields(node):
        yield from _nodes(getattr(node, name))


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif isinstance(value, Struct) and not isinstance(value, Span):
        yield value
