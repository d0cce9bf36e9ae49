"""`test "name" { given … using … expect … }`: bars written down, and what must come of them.

Checking names and types happens with the program; `TestPlan.prepare` elaborates the strategy again with the test's own
parameters and gives the runner a program and one truth node for each expectation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from lingua.diagnostics.codes import parameters as codes
from lingua.diagnostics.diagnostic import Diagnostic, Label, Problems, Severity
from lingua.diagnostics.suggest import did_you_mean
from lingua.ir.nodes import Kind, Node
from lingua.ir.program import ParamValue, Program
from lingua.ir.units import NONE, RATIO
from lingua.semantics.constants import constant
from lingua.semantics.context import Context
from lingua.semantics.depth import deep_recursion
from lingua.semantics.givens import Givens, givens
from lingua.semantics.observing import resolve, test_scope
from lingua.semantics.portfolios import check_args
from lingua.semantics.scope import Scope
from lingua.semantics.strategy import Elaborated
from lingua.semantics.values import Scalar
from lingua.semantics.words import kind_words
from lingua.structs import OpenStruct, Struct, field
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

Mode = Literal["last", "always", "never", "eventually"]
CLOSE_ENOUGH = 1e-9
"""How near `a ~ b` without `within` must be, as a share of b."""


class Expectation(Struct):
    """`condition` is a truth on the traded bars. `last` judges it on the last bar (or on `at_bar`, counted from the
    first given bar, lead bars left out), `always never eventually` on every bar up to it."""

    mode: Mode
    condition: Node
    at_bar: int | None
    text: str
    span: Span
    leaves: tuple[Node, ...] = ()
    """Both sides of `a ~ b`, for the message when it fails."""


class PreparedTest(Struct):
    """What a runner needs. Nodes of the expectations belong to the program's graph.

    Besides the operations of `lingua.ir.nodes` they may hold `observe` (attrs: what, rule), whose value only a run
    knows: `fired` of a rule (truth), `orders.count orders.working fills.count trades.count trades.wins trades.losses`
    up to and with a bar, `warmup` and `ready_bar` (bars).
    """

    program: Program
    givens: Givens
    expectations: tuple[Expectation, ...]
    problems: tuple[Diagnostic, ...] = ()
    """Errors the program has only with the parameters of this test."""


class TestPlan(Struct, slots=False):
    """One test block. `using` are the parameter values it sets, checked."""

    strategy: str
    test: ast.Test
    span: Span
    using: Mapping[str, ParamValue] = field(default_factory=dict)
    again: Callable[[Mapping[str, ParamValue]], tuple[Elaborated, Problems]] | None = field(default=None, repr=False)

    __test__ = False

    @property
    def title(self) -> str:
        return self.test.title

    def prepare(self) -> PreparedTest:
        """The program with the test's parameters, and its expectations. Only for a test of a text without errors."""
        assert self.again is not None
        with deep_recursion():
            found, problems = self.again(self.using)
            errors = tuple([each for each in problems.found if each.severity is Severity.ERROR])
            given = givens(found.ctx, [part for part in self.test.parts if isinstance(part, ast.Given)])
            return PreparedTest(found.program, given, _expectations(found.ctx, self.test, given), errors)


def check_tests(
    strategies: list[ast.Strategy],
    file: ast.File,
    found: list[Elaborated],
    problems: Problems,
    again: Callable[[ast.Strategy, Mapping[str, ParamValue]], tuple[Elaborated, Problems]],
) -> tuple[TestPlan, ...]:
    """All tests of the file and of the strategies looked at, in source order."""
    budget = _Budget()
    by_name = {each.ctx.strategy.name: each for each in found}
    names = [item.name for item in strategies]
    plans: list[TestPlan] = []
    for each in found:
        for item in each.ctx.items(ast.Test):
            if _is_of(problems, item, each.ctx.strategy):
                plans.append(_check(each, item, again, budget))
    for top in file.items:
        if isinstance(top, ast.Test):
            name = _strategy_of(problems, top, names, file.broken)
            if name in by_name:
                plans.append(_check(by_name[name], top, again, budget))
    return tuple(sorted(plans, key=lambda plan: plan.span.start))


class _Budget(OpenStruct):
    """How much may be elaborated again to check the parameters of tests; beyond it that waits until the test runs."""

    nodes: int = 5_000

    def take(self, program: Program) -> bool:
        self.nodes -= len(program.graph.nodes)
        return self.nodes >= 0


def _is_of(problems: Problems, test: ast.Test, strategy: ast.Strategy) -> bool:
    if test.strategy is None or test.strategy == strategy.name:
        return True
    problems.add(
        codes.TEST_WITHOUT_STRATEGY,
        test.span,
        cause=f"this test stands in `{strategy.name}` and is for `{test.strategy}`",
        help=f"leave out `for {test.strategy}`, or move the test out of the strategy",
    )
    return False


def _strategy_of(problems: Problems, test: ast.Test, names: list[str], broken: tuple[str, ...]) -> str:
    """The strategy a test outside of all strategies is for; "" after a report."""
    if test.strategy in names:
        return test.strategy or ""
    if test.strategy is None and len(names) == 1:
        return names[0]
    if test.strategy is not None and test.strategy in broken:
        return ""
    cause = f"no strategy of this file is called `{test.strategy}`"
    near = did_you_mean(test.strategy or "", names)
    help = f"did you mean `for {near}`?" if near else f"there are {', '.join(f'`{name}`' for name in names) or 'none'}"
    if test.strategy is None:
        cause = "the test does not say which strategy it is for"
        help = f'write `test "{test.title}" for {names[0]}`' if names else "put a strategy into this file"
    problems.add(codes.TEST_WITHOUT_STRATEGY, test.span, cause=cause, help=help)
    return ""


def _check(
    found: Elaborated,
    test: ast.Test,
    again: Callable[[ast.Strategy, Mapping[str, ParamValue]], tuple[Elaborated, Problems]],
    budget: _Budget,
) -> TestPlan:
    ctx = found.ctx
    args = [part for part in test.parts if isinstance(part, ast.Using)]
    using = check_args(ctx, tuple([arg for part in args for arg in part.args]), found.program.params, is_free=True)
    if using and budget.take(found.program):
        _check_using(ctx, args[0].span.to(args[-1].span), again(ctx.strategy, using)[1])
    given = givens(ctx, [part for part in test.parts if isinstance(part, ast.Given)])
    _expectations(ctx, test, given)
    if not any(isinstance(part, ast.Expect) for part in test.parts):
        ctx.report(
            codes.TEST_WITHOUT_EXPECT,
            test.span,
            title=test.title,
            help="say what must come of the bars: `expect fired(enter)`",
        )
    return TestPlan(ctx.strategy.name, test, test.span, using, lambda values: again(ctx.strategy, values))


def _check_using(ctx: Context, span: Span, problems: Problems) -> None:
    """What is wrong only with the test's parameters is said at the test."""
    known = {(found.code.number, found.span) for found in ctx.problems.found}
    for found in problems.found:
        if found.severity is Severity.ERROR and (found.code.number, found.span) not in known:
            ctx.report(
                codes.USING_BREAKS,
                span,
                cause=found.message,
                help="use values that fit",
                labels=(Label(found.span, "here"),),
            )
            return


# --- expectations ------------------------------------------------------------------------------------


def _expectations(ctx: Context, test: ast.Test, given: Givens) -> tuple[Expectation, ...]:
    scope = test_scope(ctx, test)
    found = [_expectation(ctx, scope, part, given) for part in test.parts if isinstance(part, ast.Expect)]
    return tuple([each for each in found if each is not None])


def _expectation(ctx: Context, scope: Scope, part: ast.Expect, given: Givens) -> Expectation | None:
    at_bar = _at_bar(ctx, part.at_bar, given) if part.at_bar is not None else None
    leaves: tuple[Node, ...] = ()
    if part.approximately is None:
        truth = ctx.x.truth(resolve(ctx, part.condition, scope), scope, what="what is expected")
        condition = truth.node if truth is not None else None
    else:
        sides = _sides(ctx, scope, part.condition, part.approximately)
        leaves = tuple([side.node for side in sides]) if sides is not None else ()
        condition = _near(ctx, scope, sides, part.within) if sides is not None else None
    if condition is None or (part.at_bar is not None and at_bar is None):
        return None
    return Expectation(part.mode or "last", condition, at_bar, ctx.text_of(part.span), part.span, leaves)


def _sides(ctx: Context, scope: Scope, left: Expr, right: Expr) -> tuple[Scalar, Scalar] | None:
    found: list[Scalar] = []
    for expr in (left, right):
        scalar = ctx.x.plain(ctx.x.value(resolve(ctx, expr, scope), scope), expr, scope, "what stands beside `~`")
        if scalar is None:
            return None
        if scalar.node.kind not in (Kind.NUM, Kind.INT):
            help = "expect the truth itself, without `~`" if scalar.node.kind is Kind.BOOL else "compare with `==`"
            ctx.report(codes.APPROXIMATION, expr.span, expr=ctx.text(expr), found=kind_words(scalar.node), help=help)
            return None
        found.append(scalar)
    a, b = found
    if a.node.unit != b.node.unit:
        # A bare literal adopts the unit of the other side; `expect c ~ 100` needs no word for what it measures.
        free = b if b.is_literal else a
        other = a if free is b else b
        if not free.is_literal and {a.node.unit, b.node.unit} != {NONE, RATIO}:
            expr = right if free is b else left
            ctx.x.fit(free, other.node.unit, expr, scope, "what stands beside `~`")
            return None
    return a, b


def _near(ctx: Context, scope: Scope, sides: tuple[Scalar, Scalar], within: Expr | None) -> Node | None:
    """|a - b| <= within, or a billionth of b; a share is a share of b."""
    graph, (a, b) = ctx.x.graph, (sides[0].node, sides[1].node)
    distance = graph.node("fn1", graph.node("sub", a, b), attrs=("abs",))
    size = graph.node("fn1", b, attrs=("abs",))
    if within is None:
        one = ctx.x.literal(1.0).node
        scale = graph.node("fnN", size, one, attrs=("max",))
        return graph.node("le", distance, graph.node("mul", scale, ctx.x.literal(CLOSE_ENOUGH).node), kind=Kind.BOOL)
    tolerance = ctx.x.scalar(resolve(ctx, within, scope), scope, what="`within`")
    if tolerance is None:
        return None
    unit = tolerance.node.unit
    if unit == RATIO and a.unit != RATIO:
        return graph.node("le", distance, graph.node("mul", size, tolerance.node), kind=Kind.BOOL)
    if not tolerance.is_literal and unit not in (a.unit, b.unit, NONE):
        ctx.x.fit(tolerance, a.unit, within, scope, "`within`")
        return None
    return graph.node("le", distance, tolerance.node, kind=Kind.BOOL)


def _at_bar(ctx: Context, expr: Expr, given: Givens) -> int | None:
    found = constant(ctx, expr, "`at bar`")
    if found is None:
        return None
    cause = ""
    if found.unit not in ("none", "bars") or not found.is_whole or found.value < 0:
        cause = f"`at bar` takes a whole number from 0 on, and `{ctx.text(expr)}` is {found.amiss('none', 'bars')}"
    elif given.count is not None and found.value >= given.count:
        cause = f"there is no bar {found.value:g}: the test is given {given.count}, counted from 0"
    if cause:
        help = f"write a number from 0 to {given.count - 1}" if given.count else "write a whole number from 0 on"
        ctx.report(codes.AT_BAR, expr.span, cause=cause, help=help)
        return None
    return int(found.value)
