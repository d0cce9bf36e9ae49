"""The names of a strategy: what it trades and reads, and every `let`, `indicator`, `state` and `signal`.

Definitions see each other in any order, so all are entered before any is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from lingua.diagnostics.codes import names as name_codes
from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.codes import timeframes as time_codes
from lingua.diagnostics.codes import universe as universe_codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.program import DataDecl, Output
from lingua.semantics import mends
from lingua.semantics.context import Context
from lingua.semantics.functions import define_local
from lingua.semantics.scope import DataDef, Entry, Known, SignalDef, ValueDef
from lingua.semantics.values import Failed, Record, Scalar, SignalValue, TimeframeValue, Value
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

MOST_NAMES = 100
ROLES = ("indicator", "let", "state", "signal")


def traded(ctx: Context, universes: frozenset[str]) -> None:
    """Symbols and timeframe of `trade`; needs the parameters, because the timeframe may be one."""
    item = next(iter(ctx.items(ast.Trade)), None)
    if item is None:
        return
    symbols: list[str] = []
    for symbol in item.symbols:
        if symbol.name in universes and not symbol.quoted:
            ctx.universe = symbol.name
            if len(item.symbols) > 1:
                ctx.report(
                    universe_codes.MIXED_UNIVERSE,
                    item.span,
                    help=f"trade `{symbol.name}` alone, or list single symbols",
                )
        elif symbol.name in symbols:
            ctx.report(codes.REPEATED_SETTING, symbol.span, name=symbol.name, help="leave one of them out")
        else:
            symbols.append(symbol.name)
    ctx.symbols = tuple(symbols)
    if item.timeframe is not None:
        ctx.timeframe = timeframe(ctx, item.timeframe)


def timeframe(ctx: Context, mark: ast.Duration | ast.Name) -> str:
    """The timeframe after `@`: written, or that of a parameter; "" after a report."""
    from lingua.semantics.clocks import parse

    text = ""
    if isinstance(mark, ast.Duration):
        text = f"{mark.count}{mark.unit}"
    elif ctx.scope.lookup(mark.name) is not None:
        value = ctx.x.value(mark, ctx.scope)
        if isinstance(value, Failed):
            return ""
        if isinstance(value, TimeframeValue):
            text = value.text
            ctx.used_params.add(mark.name)
    if text and parse(text) is not None:
        return text
    name = text or (mark.name if isinstance(mark, ast.Name) else "")
    from lingua.syntax.repairs.actions import TIMEFRAMES_MEANT

    meant = TIMEFRAMES_MEANT.get(name.lower())
    ctx.report(
        time_codes.UNKNOWN_TIMEFRAME, mark.span, name=name,
        help=f"write `{meant}`" if meant else "write a count and a unit: `15m`, `1h`, `1d`, `1w`, `1mo`",
        fixes=mends.replacing(mark, meant) if meant else (),
    )  # fmt: skip
    return ""


def data(ctx: Context) -> tuple[DataDecl, ...]:
    """The `data` declarations, entered as names."""
    found: list[DataDecl] = []
    for item in ctx.items(ast.Data):
        length = timeframe(ctx, item.timeframe) if item.timeframe is not None else ""
        entry = ctx.scope.define(item.name, DataDef(item.name), item.name_span, "data")
        if ctx.scope.values.get(item.name) is entry:
            ctx.legs[item.name] = item.symbol.name
            found.append(DataDecl(item.name, item.symbol.name, length))
    return tuple(found)


def define_names(ctx: Context) -> None:
    for item in ctx.strategy.items:
        match item:
            case ast.Indicator():
                ctx.scope.define(item.name, ValueDef(item.value, item.type), item.name_span, "indicator")
            case ast.Let() if len(item.names) > MOST_NAMES:
                help = "take the record itself, `let r = …`, and its parts as `r.name`"
                cause = f"a `let` takes at most {MOST_NAMES} parts, and this one names {len(item.names):,}"
                ctx.report(name_codes.PROGRAM_TOO_LARGE, item.span, cause=cause, help=help)
                for name, span in zip(item.names, item.name_spans, strict=False):
                    ctx.scope.define(name, Known(Failed()), span, "name").used = True
            case ast.Let() | ast.State():
                define_local(ctx.scope, item)
            case ast.Signal():
                ctx.scope.define(item.name, SignalDef(item.clauses), item.name_span, "signal")
            case _:
                pass


def outputs(ctx: Context) -> tuple[Output, ...]:
    """Every definition elaborated on the traded bars, used or not, as the series a user can look at."""
    found: list[Output] = []
    entries = sorted(ctx.scope.values.values(), key=lambda entry: entry.span.start)
    for entry in entries:
        if entry.kind in ROLES:
            for name, scalar in _series(entry.name, evaluate(ctx, entry)):
                found.append(Output(name, entry.kind, scalar.node, entry.span))  # type: ignore[arg-type]
    return tuple(found)


def evaluate(ctx: Context, entry: Entry) -> Value:
    """What a name is, without counting this as a use of it."""
    was_used = entry.used
    found = ctx.x.value(ast.Name(entry.name, span=entry.span), ctx.scope)
    entry.used = was_used
    return found


def _series(name: str, value: Value) -> Iterator[tuple[str, Scalar]]:
    """A value as named series: `bb.upper` for a part of a record."""
    match value:
        case Scalar():
            yield name, value
        case SignalValue():
            yield name, value.value
            yield f"{name}.side", value.side
            yield f"{name}.confidence", value.confidence
        case Record():
            for part, inner in value.fields:
                yield from _series(f"{name}.{part}", inner)
        case _:
            pass


ONCE: dict[type, str] = {
    ast.Trade: "trade", ast.Size: "size", ast.Direction: "direction", ast.Pyramid: "pyramid", ast.Protect: "protect",
    ast.Optimize: "optimize",
}  # fmt: skip


def check_once(ctx: Context) -> None:
    """Items a strategy has at most one of."""
    first: dict[type, Span] = {}
    for item in ctx.strategy.items:
        word = ONCE.get(type(item))
        if word is None:
            continue
        before = first.setdefault(type(item), item.span)
        if before is not item.span:
            help = "keep one of them"
            if isinstance(item, ast.Trade):
                help = "list the symbols in one line: `trade A, B @ 1h`"
            ctx.report(codes.REPEATED_ITEM, item.span, item=word, help=help, labels=(Label(before, "first here"),))
