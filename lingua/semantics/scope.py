"""Names and what they mean: a chain of scopes, from the file to the body of a function.

Values and functions are separate namespaces (`indicator rsi = rsi(close, 14)`). Definitions see each other in any
order. Inside its own definition a name means the outer one: such an expression is read in `scope.hiding(name)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, count

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label, Problems
from lingua.ir.nodes import Clock, Kind
from lingua.ir.units import NONE, Unit
from lingua.semantics.observables import PROTECTED
from lingua.semantics.values import Value
from lingua.structs import Struct
from lingua.syntax.nodes import Expr, Extern, Fn, SignalClause, TypeRef
from lingua.syntax.source import Span


class ParamDef(Struct):
    """A parameter that becomes a `param` node: a number, whole number, truth or time with its value in this run."""

    name: str
    value: float | int | bool
    kind: Kind = Kind.NUM
    unit: Unit = NONE


class Known(Struct):
    """A value known at compile time (a structural parameter, a fold's variable) or given from outside (`prev`).

    `choices`: all values a function-valued parameter may take; a call must fit every one. `clock`: the only bars on
    which the value exists, None for all.
    """

    value: Value
    choices: tuple[Value, ...] = ()
    clock: Clock | None = None


class ValueDef(Struct):
    """`const`, `let` or `indicator`: an expression, elaborated for each clock it is wanted on."""

    expr: Expr
    type: TypeRef | None = None


class PartDef(Struct):
    """Name number `index` of `let (a, b) = e`."""

    expr: Expr
    index: int
    names: tuple[str, ...]


class StateDef(Struct):
    init: Expr
    next: Expr
    type: TypeRef | None = None


class SignalDef(Struct):
    clauses: tuple[SignalClause, ...]


class DataDef(Struct):
    alias: str


class ArgDef(Struct):
    """An argument of a function call: by name, because the body may want it on another timeframe."""

    expr: Expr
    scope: Scope
    type: TypeRef | None = None
    default_of: str = ""


class FnDef(Struct):
    fn: Fn


class ExternDef(Struct):
    extern: Extern


class Namespace(Struct):
    """An import: `c.cloud(…)` looks in `scope`."""

    scope: Scope


Definition = (
    ParamDef | Known | ValueDef | PartDef | StateDef | SignalDef | DataDef | ArgDef | FnDef | ExternDef | Namespace
)


class Entry:
    """One definition: where it stands, what kind of thing it is in words, and whether anything uses it."""

    __slots__ = ("definition", "home", "in_progress", "is_cyclic", "kind", "name", "span", "used")

    def __init__(self, name: str, definition: Definition, span: Span, kind: str, home: Scope) -> None:
        self.name = name
        self.definition = definition
        self.span = span
        self.kind = kind
        self.home = home
        self.used = False
        self.in_progress = False
        self.is_cyclic = False


class Scope:
    """One level of names. `problems` collects what is wrong in the text these names stand in.

    Bodies of functions also know the function, the scope it was called from and the place of the call.
    """

    def __init__(self, problems: Problems, parent: Scope | None = None, *, is_sketch: bool = False) -> None:
        self.problems = problems
        self.parent = parent
        self.is_sketch = is_sketch
        self.values: dict[str, Entry] = {}
        self.functions: dict[str, Entry] = {}
        self.function: Fn | None = None
        self.caller: Scope | None = None
        self.call_span: Span | None = None
        self.call_depth = 0
        self.hidden: frozenset[str] = frozenset()
        self.hidden_functions: frozenset[str] = frozenset()

    # --- defining ----------------------------------------------------------------------------

    def define(self, name: str, definition: Definition, span: Span, kind: str) -> Entry:
        """Add a name. A duplicate is reported and the first kept; the name of a price or an observable is reported."""
        is_function = isinstance(definition, FnDef | ExternDef)
        table = self.functions if is_function else self.values
        entry = Entry(name, definition, span, kind, self)
        first = table.get(name)
        if first is not None:
            self.problems.add(
                codes.DUPLICATE,
                span,
                labels=(Label(first.span, "first defined here"),),
                help=f"give one of them another name, such as `{self._free_name(name)}`",
                name=name,
            )
            return entry
        if not is_function and name in PROTECTED:
            self._report_shadowing(name, span)
        table[name] = entry
        return entry

    def child(self) -> Scope:
        """A scope inside this one, of the same text and the same call."""
        scope = Scope(self.problems, self, is_sketch=self.is_sketch)
        scope.function, scope.caller, scope.call_span = self.function, self.caller, self.call_span
        scope.call_depth = self.call_depth
        return scope

    def hiding(self, names: Sequence[str]) -> Scope:
        """This scope without `names` of its own level: they mean what they mean outside."""
        view = Scope(self.problems, self.parent, is_sketch=self.is_sketch)
        view.values, view.functions = self.values, self.functions
        view.function, view.caller, view.call_span = self.function, self.caller, self.call_span
        view.call_depth = self.call_depth
        view.hidden = self.hidden | frozenset(names)
        view.hidden_functions = self.hidden_functions
        return view

    def hiding_function(self, name: str) -> Scope:
        """This scope without the function `name` of its own level."""
        view = self.hiding(())
        view.hidden_functions = self.hidden_functions | {name}
        return view

    # --- asking ------------------------------------------------------------------------------

    def lookup(self, name: str) -> Entry | None:
        """The value `name` means here, marked as used."""
        return self._find(name, functions=False)

    def lookup_function(self, name: str) -> Entry | None:
        """The user function `name(` calls here, marked as used."""
        return self._find(name, functions=True)

    def use(self, name: str) -> Entry | None:
        """Mark `name` as used by something other than an expression (`on btc`, an output)."""
        return self.lookup(name) or self.lookup_function(name)

    def unused(self) -> list[Entry]:
        """Definitions of this level that nothing uses, as they stand in the text."""
        entries = [*self.values.values(), *self.functions.values()]
        return sorted((entry for entry in entries if not entry.used), key=lambda entry: entry.span.start)

    def names(self) -> Iterator[str]:
        """Every value name visible here, inner ones first."""
        scope: Scope | None = self
        while scope is not None:
            yield from (name for name in scope.values if name not in scope.hidden)
            scope = scope.parent

    def function_names(self) -> Iterator[str]:
        scope: Scope | None = self
        while scope is not None:
            yield from (name for name in scope.functions if name not in scope.hidden_functions)
            scope = scope.parent

    @property
    def is_inlined(self) -> bool:
        """Whether this is the body of a function: what is constant here may be an argument."""
        return self.function is not None

    def _find(self, name: str, *, functions: bool) -> Entry | None:
        scope: Scope | None = self
        while scope is not None:
            entry = (scope.functions if functions else scope.values).get(name)
            if entry is not None and name not in (scope.hidden_functions if functions else scope.hidden):
                entry.used = True
                return entry
            scope = scope.parent
        return None

    def _report_shadowing(self, name: str, span: Span) -> None:
        other = self._free_name(name)
        self.problems.add(
            codes.SKETCH_SHADOWING if self.is_sketch else codes.SHADOWING,
            span,
            help=f"choose another name, such as `{other}`",
            fixes=(Fix(f"rename to `{other}`", (Edit(span, other),)),),
            name=name,
            what=PROTECTED[name],
        )

    def _free_name(self, name: str) -> str:
        taken = {*self.values, *self.functions, *PROTECTED}
        return next(other for other in chain((f"my_{name}",), (f"{name}{n}" for n in count(2))) if other not in taken)
