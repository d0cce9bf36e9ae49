"""One strategy, from its tree to a `Program`: each kind of item has a file of its own, this one calls them in order."""

from __future__ import annotations

from collections.abc import Mapping

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Label, Problems
from lingua.ir.nodes import Graph
from lingua.ir.program import AmountPlan, DataDecl, ExitPlan, NotExecuted, ParamDecl, ParamValue, Program, PyramidPlan
from lingua.semantics import declarations
from lingua.semantics.actions import protects, risk_without_stop
from lingua.semantics.amounts import INCREASES, amount
from lingua.semantics.context import Context
from lingua.semantics.exits import distance, exits
from lingua.semantics.expressions import Expressions
from lingua.semantics.optimizing import check_optimize
from lingua.semantics.parameters import declare_parameters
from lingua.semantics.requirements import check_requirements
from lingua.semantics.risk import limits
from lingua.semantics.rules import filters, rules
from lingua.semantics.scope import Scope
from lingua.semantics.settings import execution
from lingua.semantics.shown import alerts, plots
from lingua.semantics.structure import FileShape, structural
from lingua.semantics.universes import check_cross_section, check_universe
from lingua.structs import OpenStruct, replace
from lingua.syntax import nodes as ast


class Elaborated(OpenStruct):
    """A strategy looked through: its context stays, so that tests can be read against it."""

    ctx: Context
    program: Program


def elaborate_strategy(
    item: ast.Strategy,
    shape: FileShape,
    around: Scope,
    problems: Problems,
    *,
    overrides: Mapping[str, ParamValue],
    is_sketch: bool,
    free: frozenset[str] = frozenset(),
) -> Elaborated:
    """The program of `item`; what is wrong goes to `problems`, and parts that are wrong are missing from the program.
    Parameters in `free` may be given values outside their domain."""
    graph = Graph()
    scope = Scope(problems, around, is_sketch=is_sketch)
    data: dict[str, DataDecl] = {}
    x = Expressions(graph, problems, scope, base_timeframe="", data=data, is_sketch=is_sketch)
    ctx = Context(item, x, scope, problems, is_sketch)
    ctx.rules = tuple([each.name for each in item.items if isinstance(each, ast.Rule)])
    declarations.check_once(ctx)
    params = declare_parameters(ctx, overrides, free)
    universes = [*shape.universes, *ctx.items(ast.Universe)]
    declarations.traded(ctx, frozenset(each.name for each in universes))
    x.base_timeframe = ctx.timeframe
    read = declarations.data(ctx)
    data.update({decl.alias: decl for decl in read})
    if ctx.symbols:
        data[""] = DataDecl("", ctx.symbols[0], ctx.timeframe)
    declarations.define_names(ctx)
    requires = check_requirements(ctx)
    series = declarations.outputs(ctx)
    protect = _protect(ctx)
    size = _size(ctx)
    program = Program(
        name=item.name,
        graph=graph,
        symbols=ctx.symbols,
        timeframe=ctx.timeframe,
        data=read,
        params=(),
        requires=tuple([(node, each.span) for node, each in requires]),
        outputs=series,
        rules=rules(ctx),
        filters=filters(ctx),
        size=size,
        direction=ctx.direction,  # type: ignore[arg-type]
        pyramid=_pyramid(ctx),
        protect=protect,
        limits=limits(ctx, [each for each in item.items if isinstance(each, ast.Risk)]),
        execution=execution(ctx, [each for each in item.items if isinstance(each, ast.Execution)]),
        plots=plots(ctx),
        alerts=alerts(ctx),
        not_executed=(),
        is_sketch=is_sketch,
    )
    check_cross_section(ctx)
    searched = None
    for each in item.items:
        if isinstance(each, ast.Universe):
            check_universe(ctx, each)
        elif isinstance(each, ast.Optimize):
            searched = check_optimize(ctx, each, params)
    declared = _declared(ctx, shape, params)
    return Elaborated(ctx, replace(program, params=declared, not_executed=_not_executed(ctx, shape), optimize=searched))


def _declared(ctx: Context, shape: FileShape, params: list[ParamDecl]) -> tuple[ParamDecl, ...]:
    names = ctx.used_params | structural(ctx.strategy, shape, {param.name for param in params})
    return tuple([replace(p, is_structural=p.is_structural or p.name in names) for p in params])


def _protect(ctx: Context) -> tuple[ExitPlan, ...]:
    item = next(iter(ctx.items(ast.Protect)), None)
    return (exits(ctx, item.exits, "") or ()) if item is not None else ()


def _size(ctx: Context) -> AmountPlan | None:
    """The amount of every entry that gives none; `risk` needs a stop on each of those."""
    item = next(iter(ctx.items(ast.Size)), None)
    if item is None:
        return None
    if item.amount.is_risk:
        for action in actions_of(ctx.strategy):
            if action.verb in INCREASES and action.amount is None and not protects(ctx, action):
                risk_without_stop(ctx, item.amount, item.amount.value.span, (Label(action.span, "has no stop"),))
                break
    return amount(ctx, item.amount, "buy", word="size:")


def actions_of(strategy: ast.Strategy) -> list[ast.Action]:
    groups = [
        group
        for rule in strategy.items
        if isinstance(rule, ast.Rule)
        for group in (rule.group, rule.otherwise)
        if group is not None
    ]
    return [action for group in groups for action in group.actions]


def _pyramid(ctx: Context) -> PyramidPlan | None:
    item = next(iter(ctx.items(ast.Pyramid)), None)
    if item is None:
        return None
    step = distance(ctx, item.step, "", "the step of a pyramid")
    if not 1 <= item.count <= 1_000:
        why = "too many" if item.count > 1 else "none at all"
        ctx.report(
            codes.PYRAMID_UNITS,
            item.span,
            count=item.count,
            why=why,
            help="write `pyramid 4 step …`: four units in total",
        )
        return None
    if step is not None and step.form == "r":
        ctx.report(
            codes.WRONG_DISTANCE, item.step.span, expr=ctx.text(item.step), found="a multiple of R",
            help="step by a price or a share: `step 0.5 * atr(20)`",
        )  # fmt: skip
        return None
    return PyramidPlan(item.count, step) if step is not None else None


def _not_executed(ctx: Context, shape: FileShape) -> tuple[NotExecuted, ...]:
    """Constructs a backtest refuses: each kind named once, at its declaration."""
    found: list[NotExecuted] = []
    for item in (*shape.universes, *ctx.items(ast.Universe)):
        if item.name == ctx.universe:
            found.append(NotExecuted("universe", item.name, item.span))
    crosses = [each for each in ctx.x.not_executed if each.construct == "cross-section"]
    found += [each for each in ctx.x.not_executed if each.construct != "cross-section"]
    found += crosses[:1] if not ctx.universe else []
    portfolio = shape.portfolios.get(ctx.strategy.name)
    if portfolio is not None:
        found.append(NotExecuted("portfolio", portfolio.name, portfolio.span))
    return tuple(dict.fromkeys(found))
