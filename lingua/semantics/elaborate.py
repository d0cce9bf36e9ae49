"""From a syntax tree to programs: names, types, units, orders and limits of every strategy of a file.

>>> from lingua.syntax.parse import parse
>>> source = Source("x.lingua", "strategy S { rule up: close > open => buy 10% of equity with stop 2% }")
>>> found = elaborate(parse(source)[0], source)
>>> [(program.name, len(program.rules)) for program in found.programs]
[('S', 1)]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from lingua.diagnostics.codes import parameters as parameter_codes
from lingua.diagnostics.diagnostic import Diagnostic, Problems, Severity
from lingua.diagnostics.suggest import did_you_mean
from lingua.ir.nodes import Graph
from lingua.ir.program import ParamDecl, ParamValue, Program
from lingua.semantics.context import Context
from lingua.semantics.depth import deep_recursion
from lingua.semantics.expressions import Expressions, Fact
from lingua.semantics.externs import check_extern
from lingua.semantics.imports import Library, Module, Read, define_exports, define_imports, errors_of
from lingua.semantics.lints import point_out
from lingua.semantics.lints.unused import unused_of_file
from lingua.semantics.mentions import is_whole
from lingua.semantics.modules import check_functions, check_modules, excuse
from lingua.semantics.overrides import report_unknown
from lingua.semantics.portfolios import check_portfolio
from lingua.semantics.scope import Scope
from lingua.semantics.sketch import is_sketch
from lingua.semantics.strategy import Elaborated, elaborate_strategy
from lingua.semantics.structure import shape_of
from lingua.semantics.testblocks import TestPlan, check_tests
from lingua.semantics.universes import check_universe
from lingua.structs import Struct, field, replace
from lingua.syntax import nodes as ast
from lingua.syntax.source import NOWHERE, Source, Span


class Elaboration(Struct, slots=False):
    """`programs` are the strategies without errors; `facts` says of each expression of the text what it is."""

    programs: tuple[Program, ...] = ()
    tests: tuple[TestPlan, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    elaborated: tuple[Elaborated, ...] = field(default=(), repr=False)
    """The strategies looked at, also those with errors: for an editor."""

    @cached_property
    def facts(self) -> Mapping[Span, Fact]:
        found: dict[Span, Fact] = {}
        for each in self.elaborated:
            found.update(each.ctx.x.facts)
        return found


def elaborate(
    file: ast.File,
    source: Source,
    *,
    overrides: Mapping[str, ParamValue] | None = None,
    strategy: str = "",
    library: Library | None = None,
    read_import: Read | None = None,
    has_syntax_errors: bool = False,
) -> Elaboration:
    """Programs and tests of a file, and all that is wrong with it. Never raises.

    Args:
        has_syntax_errors: parts of the text are missing from `file`, so nothing is said of what seems unused.
        overrides: values of parameters in this run, by name (`--set`); checked against kind and domain.
        strategy: look at the strategy of this name alone.
        library: reads imports from files beside the program.
        read_import: reads imports in place of the file system: the path written to the text.
    """
    library = library or Library(read=read_import)
    with deep_recursion():
        try:
            return _Elaborator(file, source, overrides or {}, library, not has_syntax_errors).run(strategy)
        except Exception:
            whole = _without_broken(file)
            if whole == file:
                raise
            return _Elaborator(whole, source, overrides or {}, library, False).run(strategy)


def _without_broken(file: ast.File) -> ast.File:
    """`file` without items that are no whole trees; the names they would define are excused."""
    broken = list(file.broken)
    items: list[ast.Top] = []
    for item in file.items:
        if isinstance(item, ast.Strategy):
            broken += [name for part in item.items if not is_whole(part) for name in _defined(part)]
            item = replace(item, items=tuple([part for part in item.items if is_whole(part)]))
        if is_whole(item):
            items.append(item)
        else:
            broken += _defined(item)
    return replace(file, items=tuple(items), broken=tuple(broken))


def _defined(item: object) -> list[str]:
    names = getattr(item, "names", None) or (getattr(item, "name", None),)
    return [name for name in names if isinstance(name, str)]


class _Elaborator:
    def __init__(
        self, file: ast.File, source: Source, overrides: Mapping[str, ParamValue], library: Library, is_whole: bool
    ) -> None:
        self.file = file
        self.source = source
        self.overrides = overrides
        self.library = library
        self.is_whole = is_whole and not file.broken
        self.problems = Problems(source)
        self.is_sketch = is_sketch(file)
        self.root = Scope(self.problems, Scope(self.problems), is_sketch=self.is_sketch)
        self.loaded: list[tuple[ast.Import, Module]] = []
        self.strategies = [item for item in file.items if isinstance(item, ast.Strategy)]
        self.shape = shape_of(file, source.text)

    def run(self, wanted: str) -> Elaboration:
        if wanted:
            # Asked for by name, a strategy stands for itself, whatever portfolio runs it too.
            self.shape = replace(self.shape, portfolios={})
        self._names()
        chosen = self._chosen(wanted)
        self._check_overrides(chosen)
        found = [self._strategy(item) for item in chosen]
        ctx = self._file_context()
        self._top_level(ctx, found)
        tests = check_tests(chosen, self.file, found, self.problems, self._again)
        has_errors = self._sort_problems(found)
        if self.is_whole:
            for each in found:
                point_out(each.ctx, each.program)
            if len(chosen) == len(self.strategies):
                traded = [each.ctx.universe for each in found]
                unused_of_file(self.problems, self.file, self.root, self.loaded, traded)
        programs = tuple(
            [
                each.program for each in found
                if not has_errors and not any(problem.severity is Severity.ERROR for problem in each.ctx.said)
            ]
        )  # fmt: skip
        others = [problem for module in self.library.modules.values() for problem in errors_of(module)]
        if others:
            programs = ()
        return Elaboration(programs, tests, (*self.problems.found, *others), tuple(found))

    def _sort_problems(self, found: list[Elaborated]) -> bool:
        """Give each strategy the problems inside it; whether an error lies outside of all."""
        starts = [item.span.start for item in self.strategies]
        by_strategy = {id(each.ctx.strategy): each.ctx for each in found}
        has_errors = False
        for problem in self.problems.found:
            at = bisect_right(starts, problem.span.start) - 1
            item = self.strategies[at] if at >= 0 else None
            if item is None or problem.span.start >= item.span.end:
                has_errors = has_errors or problem.severity is Severity.ERROR
            elif id(item) in by_strategy:
                by_strategy[id(item)].said.append(problem)
        return has_errors

    # --- names of the file -------------------------------------------------------------------

    def _names(self) -> None:
        from lingua.semantics.editions import check_editions

        check_editions(self.problems, self.file)
        self.library.opening(self.source)
        self.loaded = define_imports(self.file, self.source, self.problems, self.root, self.library)
        check_modules(self.library)
        define_exports(self.file, self.root)
        excuse(self.file, self.root, self.loaded)

    def _chosen(self, wanted: str) -> list[ast.Strategy]:
        """The strategies to look at; two of one name are an error."""
        from lingua.diagnostics.codes import names as name_codes
        from lingua.diagnostics.diagnostic import Label

        first: dict[str, ast.Strategy] = {}
        for item in self.strategies:
            before = first.setdefault(item.name, item)
            if before is not item:
                self.problems.add(
                    name_codes.DUPLICATE,
                    item.name_span,
                    name=item.name,
                    help=f"give one of them another name, such as `{item.name}2`",
                    labels=(Label(before.name_span, "first defined here"),),
                )
        if not wanted:
            return list(first.values())
        if wanted in first:
            return [first[wanted]]
        if wanted not in self.file.broken:
            near = did_you_mean(wanted, first)
            names = ", ".join(f"`{name}`" for name in first) or "none"
            self.problems.add(
                parameter_codes.NO_STRATEGY, NOWHERE, cause=f"no strategy of this file is called `{wanted[:60]}`",
                help=f"did you mean `{near}`?" if near else f"there are {names}",
            )  # fmt: skip
        return []

    def _check_overrides(self, chosen: list[ast.Strategy]) -> None:
        known = [item.name for strategy in chosen for item in strategy.items if isinstance(item, ast.Param)]
        for name in self.overrides:
            if name not in known and name not in self.file.broken and chosen:
                report_unknown(self.problems, name[:60], sorted(set(known)), chosen[0].name_span)

    # --- strategies and the rest -------------------------------------------------------------

    def _strategy(self, item: ast.Strategy, overrides: Mapping[str, ParamValue] | None = None) -> Elaborated:
        return elaborate_strategy(
            item, self.shape, self.root, self.problems, overrides=self.overrides if overrides is None else overrides,
            is_sketch=self.is_sketch,
        )  # fmt: skip

    def _again(self, item: ast.Strategy, overrides: Mapping[str, ParamValue]) -> tuple[Elaborated, Problems]:
        """The strategy with other parameter values, its problems apart from those of the file."""
        problems = Problems(self.source)
        root = Scope(problems, self.root.parent, is_sketch=self.is_sketch)
        define_exports(self.file, root)
        for name, entry in self.root.values.items():
            root.values.setdefault(name, entry)
        for name, entry in self.root.functions.items():
            root.functions.setdefault(name, entry)
        found = elaborate_strategy(
            item, self.shape, root, problems, overrides={**self.overrides, **overrides}, is_sketch=self.is_sketch,
            free=frozenset(overrides),
        )  # fmt: skip
        return found, problems

    def _file_context(self) -> Context:
        """Where constants, functions and portfolios are read: the file, without a strategy."""
        scope = Scope(self.problems, self.root)
        x = Expressions(Graph(), self.problems, scope, base_timeframe="", data={})
        return Context(ast.Strategy("", ()), x, scope, self.problems, False)

    def _top_level(self, ctx: Context, found: list[Elaborated]) -> None:
        params: dict[str, tuple[ParamDecl, ...]] = {item.name: () for item in self.strategies}
        params.update({each.program.name: each.program.params for each in found})
        for item in self.file.items:
            match item:
                case ast.Extern():
                    check_extern(self.problems, item)
                case ast.Universe():
                    check_universe(ctx, item)
                case ast.Portfolio():
                    check_portfolio(ctx, item, params)
                case _:
                    pass
        check_functions(ctx, self.root)
