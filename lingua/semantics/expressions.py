"""Elaboration of expressions: one pass from the syntax tree to nodes of the graph.

Rules of types, units, constancy and time stand side by side with the lowering of each construct, in the files named
after the construct; this one dispatches, coerces and reports. Definitions are elaborated where they are used, once for
each clock, so that `e@T` evaluates everything reached from `e` again on the bars of `T`, and functions fit any unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count
from typing import Any

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Code, Edit, Fix, Label, Problems
from lingua.diagnostics.suggest import did_you_mean
from lingua.ir.nodes import BASE, TRUE, Clock, Constancy, Graph, Kind, Node
from lingua.ir.program import DataDecl, NotExecuted
from lingua.ir.units import DURATION, NONE, Unit
from lingua.semantics import bounds, folding, scales
from lingua.semantics.depth import deep_recursion
from lingua.semantics.folding import is_na as is_na
from lingua.semantics.scope import Entry, Scope
from lingua.semantics.values import (
    DataValue,
    Failed,
    FunctionValue,
    Items,
    Record,
    RiskMultiple,
    Scalar,
    Session,
    SignalValue,
    Text,
    TimeframeValue,
    Value,
)
from lingua.semantics.words import kind_words, unit_words
from lingua.structs import Struct, replace
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

MOST_STEPS = 100_000
"""Expressions elaborated for one program, inlined functions counted each time."""

MOST_NODES = 100_000
MOST_SUGGESTIONS = 50

FAILED = Failed()

Handler = Callable[..., Value]
"""(expressions, the tree node, scope, clock) -> what it is"""


class Fact(Struct):
    """What is known of one expression of the text: for hover and hints."""

    kind: str
    unit: str
    constancy: str
    definition: Span | None
    node: Node | None


class Expressions:
    """Elaborates the expressions of one program into `graph`.

    `data` maps the names of data declarations ("" = the traded symbol) to what is read; `base_timeframe` is "" when the
    program does not say. What is wrong goes to the problems of the scope it stands in; nothing raises.
    """

    def __init__(
        self,
        graph: Graph,
        problems: Problems,
        root: Scope,
        *,
        base_timeframe: str = "",
        data: Mapping[str, DataDecl] | None = None,
        is_sketch: bool = False,
    ) -> None:
        self.graph = graph
        self.problems = problems
        self.root = root
        self.base_timeframe = base_timeframe
        self.data: Mapping[str, DataDecl] = data if data is not None else {}
        self.is_sketch = is_sketch
        self._notes: list[tuple[Span, Value]] = []
        self.not_executed: list[NotExecuted] = []
        self.elsewhere: list[tuple[Expr, Scope]] = []
        self.homes: dict[int, Scope] = {}
        self.params: dict[str, folding.Static] = {}
        self.statics = folding.StaticValues(self.params)
        self.progress: list[Entry] = []
        self.known: dict[tuple[Entry, Clock], Value] = {}
        self.calls: dict[tuple[object, ...], Value] = {}
        self.state_ids: dict[str, int] = {}
        self._said: set[tuple[str, int, Span]] = set()
        self._definitions: dict[Span, Span] = {}
        self._previous: list[frozenset[object]] = []
        self._sources: list[frozenset[str]] = []
        self.steps = 0
        self._suggestions = 0
        self._depth = 0
        self._is_too_large = False
        # The constructs need the class above, so they are met here.
        from lingua.semantics.constructs import HANDLERS

        self._handlers: Mapping[type[Any], Handler] = HANDLERS

    # --- what statements call ----------------------------------------------------------------

    def value(self, expr: Expr, scope: Scope, clock: Clock = BASE) -> Value:
        """What `expr` is. Never raises; `Failed` after something was reported."""
        if self._depth:
            return self.visit(expr, scope, clock)
        self._depth += 1
        try:
            with deep_recursion():
                return self.visit(expr, scope, clock)
        finally:
            self._depth -= 1
            self.progress.clear()
            self.elsewhere.clear()

    def scalar(
        self, expr: Expr, scope: Scope, clock: Clock = BASE, *, want: Unit | None = None, what: str = "this value"
    ) -> Scalar | None:
        """A number (or a time); a bare literal adopts `want`. None after something was reported."""
        found = self.number(self.value(expr, scope, clock), expr, scope, what)
        if found is None or want is None:
            return found
        return self.fit(found, want, expr, scope, what)

    def truth(self, expr: Expr, scope: Scope, clock: Clock = BASE, *, what: str = "a condition") -> Scalar | None:
        """A truth. None after something was reported."""
        return self.boolean(self.value(expr, scope, clock), expr, scope, what)

    def static(self, expr: Expr, scope: Scope, *, what: str) -> float | int | str | None:
        """The value of a constant or parameter expression in this run: a number (whole ones as int, truth as bool) or a
        text. None after something was reported."""
        found = self.value(expr, scope)
        if isinstance(found, Text | TimeframeValue):
            return found.text
        if isinstance(found, Scalar) and found.node.kind is Kind.STRING and found.node.op == "const":
            return str(found.node.attrs[0])
        if isinstance(found, Scalar) and found.node.kind is Kind.BOOL and found.node.constancy <= Constancy.PARAM:
            return bool(self.statics.of(found.node) == TRUE)
        scalar = self.number(found, expr, scope, what)
        if scalar is None:
            return None
        if scalar.node.constancy > Constancy.PARAM:
            self.report(
                scope, codes.NOT_CONSTANT, expr.span, what=what, expr=self.text(expr, scope),
                help=f"give a number or a `param`, such as `param {self.fresh_name(scope, 'n')} = 20`",
            )  # fmt: skip
            return None
        value = self.statics.of(scalar.node)
        return int(value) if scalar.node.kind is Kind.INT and value == value else value

    @property
    def noted(self) -> int:
        """How many values were noted so far."""
        return len(self._notes)

    def notes_since(self, begun: int) -> dict[int, Value]:
        """What expressions of the text turned out to be since then, by the identity of their spans."""
        return {id(span): value for span, value in self._notes[begun:]}

    @property
    def facts(self) -> dict[Span, Fact]:
        """What is known of each expression of the text, by its place."""
        found: dict[Span, Fact] = {}
        for span, value in self._notes:
            definition = self._definitions.get(span)
            if isinstance(value, Scalar):
                node = value.node
                found[span] = Fact(node.kind.value, str(node.unit), node.constancy.name.lower(), definition, node)
            elif span not in found:
                found[span] = Fact(type(value).__name__.removesuffix("Value").lower(), "", "", definition, None)
        return found

    def check_function(self, entry: Entry) -> None:
        """Elaborate a function that nothing calls, with inputs nobody knows, to find the mistakes in it."""
        from lingua.semantics.functions import check_unused

        self._depth += 1
        try:
            with deep_recursion():
                check_unused(self, entry)
        finally:
            self._depth -= 1
            self.progress.clear()

    @property
    def steps_left(self) -> int:
        return MOST_STEPS - self.steps

    # --- the walk ----------------------------------------------------------------------------

    def visit(self, expr: Expr, scope: Scope, clock: Clock) -> Value:
        """`value`, for use inside the walk. Only plain Python calls may stand between two visits (see `depth`)."""
        self.steps += 1
        if self.steps > MOST_STEPS or len(self.graph.nodes) > MOST_NODES:
            return self.too_large(expr, scope)
        handler = self._handlers.get(type(expr))
        if handler is None:
            # A tree mended after a syntax error may hold a stray token; the error has been told.
            return FAILED
        found = handler(self, expr, scope, clock)
        if clock is BASE and scope.function is None and scope.problems is self.problems:
            self._notes.append((expr.span, found))
        return found

    def number_of(self, expr: Expr, scope: Scope, clock: Clock, what: str = "this value") -> Scalar | None:
        return self.number(self.visit(expr, scope, clock), expr, scope, what)

    def truth_of(self, expr: Expr, scope: Scope, clock: Clock, what: str = "a condition") -> Scalar | None:
        return self.boolean(self.visit(expr, scope, clock), expr, scope, what)

    # --- coercions ---------------------------------------------------------------------------

    def number(self, value: Value, expr: Expr, scope: Scope, what: str) -> Scalar | None:
        """`value` as a number or a time: the default part of a record, the product of a signal."""
        if isinstance(value, Failed):
            return None
        scalar = self.plain(value, expr, scope, what)
        if scalar is not None and scalar.node.kind in (Kind.BOOL, Kind.STRING):
            help = f"choose a number for each case: `if {self.text(expr, scope)} then 1 else 0`"
            if scalar.node.kind is Kind.STRING:
                help = "compare texts with `==`"
            self.wrong_kind(scalar, expr, scope, what, "a number", help)
            return None
        return scalar

    def boolean(self, value: Value, expr: Expr, scope: Scope, what: str) -> Scalar | None:
        if isinstance(value, Failed):
            return None
        scalar = self.plain(value, expr, scope, what)
        if scalar is None:
            return None
        if scalar.node.kind is Kind.BOOL:
            return scalar
        if is_na(scalar.node):
            return Scalar(folding.unknown(self.graph))
        self.wrong_kind(
            scalar, expr, scope, what, "true or false", f"compare it with something: `{self.text(expr, scope)} > 0`"
        )
        return None

    def plain(self, value: Value, expr: Expr, scope: Scope, what: str = "this value") -> Scalar | None:
        """`value` as one node of whatever kind; reports what cannot be one."""
        match value:
            case Scalar():
                return value
            case SignalValue():
                return value.value
            case Record():
                return self._default_part(value, expr, scope)
            case Text():
                return Scalar(folding.text(self.graph, value.text))
            case TimeframeValue():
                from lingua.semantics.literals import seconds_of

                node = folding.number(self.graph, seconds_of(value.text), unit=DURATION)
                return Scalar(node)
            case Failed():
                return None
            case _:
                found, help = describe(value, self.text(expr, scope))
                mended = help.removeprefix("call it: `").rstrip("`")
                fix = Fix(f"write `{mended}`", (Edit(expr.span, mended),))
                self.report(
                    scope, codes.NOT_A_VALUE, expr.span, expr=self.text(expr, scope), found=found, help=help,
                    fixes=(fix,) if help != mended and isinstance(value, FunctionValue) else (),
                )  # fmt: skip
                return None

    def fit(self, scalar: Scalar, unit: Unit, expr: Expr, scope: Scope, what: str) -> Scalar | None:
        """`scalar` in `unit`: a bare literal adopts it, anything else must have it."""
        if scalar.node.unit == unit and scalar.node.kind is not Kind.TIME:
            return scalar
        if scalar.is_literal and scalar.node.unit == NONE:
            return self.with_unit(scalar, unit)
        if unit.bars == 1 and scalar.node.kind is Kind.INT and scalar.node.unit == NONE:
            return self.with_unit(scalar, unit)
        from lingua.semantics.mends import to_unit

        self.report(
            scope, codes.WRONG_KIND, expr.span, expr=self.text(expr, scope), found=kind_words(scalar.node),
            what=what, wanted=unit_words(unit), help=to_unit(self, scalar, unit, expr, scope),
        )  # fmt: skip
        return None

    def with_unit(self, scalar: Scalar, unit: Unit) -> Scalar:
        """The same value told in another unit (units are erased after checking)."""
        node = scalar.node
        if node.unit == unit and node.kind is not Kind.TIME:
            return scalar
        kind = Kind.NUM if node.kind is Kind.TIME else node.kind
        again = self.graph.node(
            node.op, *node.args, attrs=node.attrs, kind=kind, unit=unit, clock=node.clock, constancy=node.constancy,
            uses_fills=node.uses_fills,
        )  # fmt: skip
        if scalar.is_literal and unit.qty and node.constancy >= Constancy.SERIES:
            again = scales.scaled(self, again, unit, node.clock)
        return replace(scalar, node=again, is_literal=False)

    # --- small makers ------------------------------------------------------------------------

    def literal(self, value: float, *, kind: Kind = Kind.NUM, unit: Unit = NONE, is_literal: bool = False) -> Scalar:
        node = folding.number(self.graph, value, kind=kind, unit=unit)
        low, high = bounds.exactly(value)
        return Scalar(node, is_literal, low, high)

    def make(
        self, op: str, *args: Node, clock: Clock, kind: Kind = Kind.NUM, unit: Unit = NONE, attrs: tuple[str, ...] = ()
    ) -> Node:
        """A node on `clock`, or the constant it amounts to."""
        args = scales.on_one_scale(self, op, args, clock)
        node = self.graph.node(op, *args, attrs=attrs, kind=kind, unit=unit, clock=clock)
        return folding.fold(self.graph, node)

    def source_of(self, node: Node) -> str | None:
        """Whose prices or quantities make up `node`: the alias of a data symbol, "" the traded symbol; None for those
        of several."""
        for each in self.graph.nodes[len(self._sources) :]:
            if each.op == "field" and each.unit.qty:
                self._sources.append(frozenset((each.clock.source,)))
            else:
                parts = [self._sources[arg.index] for arg in each.args if arg.unit.qty]
                self._sources.append(frozenset().union(*parts))
        found = self._sources[node.index]
        return "" if not found else next(iter(found)) if len(found) == 1 else None

    def bounds_of(self, scalar: Scalar) -> bounds.Bounds:
        """Known bounds; a parameter is its value in this run."""
        if scalar.node.op == "param" and scalar.node.kind is not Kind.BOOL:
            value = self.statics.of(scalar.node)
            return bounds.exactly(value) if isinstance(value, int | float) else bounds.UNBOUNDED
        return (scalar.low, scalar.high)

    def reads_previous(self, node: Node) -> bool:
        """Whether `node` is part of the step of a state: it reads that state's `prev`."""
        for each in self.graph.nodes[len(self._previous) :]:
            free: frozenset[object] = frozenset()
            for arg in each.args:
                free |= self._previous[arg.index]
            if each.op == "prev":
                free |= {each.attrs[0]}
            elif each.op == "state":
                free -= {each.attrs[0]}
            self._previous.append(free)
        return bool(self._previous[node.index])

    def timeframe_of(self, clock: Clock) -> str:
        """Length of the bars of `clock`, "" when nobody says."""
        return clock.timeframe or self.source_timeframe(clock.source)

    def source_timeframe(self, source: str) -> str:
        declared = self.data[source].timeframe if source in self.data else ""
        return declared or self.base_timeframe

    def instrument_name(self, source: str) -> str:
        """The symbol behind a source, or how the program calls it."""
        declared = self.data.get(source)
        return (declared.symbol if declared is not None else "") or source or "the traded symbol"

    def near(self, word: str, known: Iterable[str]) -> str | None:
        """The known word a misspelt one was probably meant to be. After many mistakes nobody reads them any more."""
        self._suggestions += 1
        return did_you_mean(word, known) if self._suggestions <= MOST_SUGGESTIONS else None

    def fresh_name(self, scope: Scope, wanted: str) -> str:
        taken = set(scope.names())
        return next(name for name in chain((wanted,), (f"{wanted}{n}" for n in count(2))) if name not in taken)

    # --- reporting ---------------------------------------------------------------------------

    def text(self, expr: Expr, scope: Scope) -> str:
        """The user's own words for `expr`, on one line, shortened in the middle."""
        return shortened(scope.problems.source.excerpt(expr.span))

    def full_text(self, expr: Expr, scope: Scope) -> str:
        return " ".join(scope.problems.source.excerpt(expr.span).split())

    def report(
        self,
        scope: Scope,
        code: Code,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        help: str = "",
        notes: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
        **fields: Any,
    ) -> None:
        """Say something about a place, once. What goes wrong inside an imported function is said where it is called."""
        problems = scope.problems
        key = (code.number, id(problems), span)
        if key in self._said:
            return
        self._said.add(key)
        place: Scope | None = scope
        at: Span | None = span
        while place is not None and place.problems is not self.problems:
            at, place = place.call_span, place.caller
        if place is None or at is None or problems is self.problems:
            problems.add(code, span, label=label, labels=labels, help=help, notes=notes, fixes=fixes, **fields)
            return
        line, _ = problems.source.position(span.start)
        inside = scope.function.name if scope.function else problems.source.name
        note = f"inside `{inside}`, {problems.source.name} line {line}: `{shortened(problems.source.excerpt(span))}`"
        self.problems.add(code, at, help=help, notes=(note, *notes), **fields)

    def wrong_kind(self, scalar: Scalar, expr: Expr, scope: Scope, what: str, wanted: str, help: str) -> None:
        self.report(
            scope, codes.WRONG_KIND, expr.span, expr=self.text(expr, scope), found=kind_words(scalar.node), what=what,
            wanted=wanted, help=help,
        )  # fmt: skip

    def _default_part(self, record: Record, expr: Expr, scope: Scope) -> Scalar | None:
        fields = dict(record.fields)
        if record.default and isinstance(part := fields.get(record.default), Scalar):
            return part
        if any(isinstance(part, Failed) for part in fields.values()):
            return None
        text, first = self.text(expr, scope), next(iter(fields), "value")
        behind = Span(expr.span.end, expr.span.end)
        self.report(
            scope, codes.RECORD_AS_NUMBER, expr.span, expr=text, parts=", ".join(f"`{name}`" for name in fields),
            help=f"name the one you mean: `{text}.{first}`",
            fixes=tuple(Fix(f"write `.{name}`", (Edit(behind, f".{name}"),)) for name in fields),
        )  # fmt: skip
        return None

    def too_large(self, expr: Expr, scope: Scope) -> Value:
        if not self._is_too_large:
            self._is_too_large = True
            self.report(
                scope, codes.PROGRAM_TOO_LARGE, expr.span,
                cause="the program is too large once its functions and folds are written out",
                help=f"shorten folds and function chains; at most {MOST_STEPS:,} expressions are allowed",
            )  # fmt: skip
        return FAILED

    def mark_not_executed(self, what: NotExecuted) -> None:
        """Remember something a backtest refuses."""
        if what not in self.not_executed:
            self.not_executed.append(what)

    def remember_definition(self, span: Span, entry: Entry) -> None:
        """The name at `span` means `entry`; kept for go-to-definition."""
        if entry.home.problems is self.problems:
            self._definitions[span] = entry.span


def shortened(text: str, most: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 12]} … {flat[-9:]}"


def describe(value: Value, text: str) -> tuple[str, str]:
    """What a value that is no number is, in words, and the mend."""
    match value:
        case DataValue(alias):
            return "another symbol", f"read a price of it: `{alias}.close`"
        case FunctionValue(builtin):
            from lingua.semantics.indicators import example

            return "a function", f"call it: `{example(builtin) or f'{text}(close)'}`"
        case Items():
            return "a list", f"take one of its items: `{text}[0]`"
        case Session():
            return "a session", f"ask whether the bar lies in it: `time in {text}`"
        case RiskMultiple():
            return "a multiple of the risk of a trade", f"use it as a distance: `target {text}`"
        case _:
            return "not a number", "give a number"
