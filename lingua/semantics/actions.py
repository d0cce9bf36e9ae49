"""What a rule does: verbs, legs, and groups joined by `&` (all or none) or `|` (one cancels the others)."""

from __future__ import annotations

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ActionPlan, ExitPlan, GroupPlan
from lingua.semantics.amounts import INCREASES, REDUCTIONS, amount, constant
from lingua.semantics.context import Context
from lingua.semantics.exits import exits, sets_risk
from lingua.semantics.working import MARKET, order
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

OPPOSED = ({"buy", "sell"}, {"short", "cover"}, {"buy", "close"}, {"short", "close"}, {"buy", "short"})


def group(ctx: Context, given: ast.Group) -> GroupPlan | None:
    """One group of actions; None after a report."""
    found = [action(ctx, item) for item in given.actions]
    _check_opposed(ctx, given)
    if any(plan is None for plan in found):
        return None
    return GroupPlan(tuple([plan for plan in found if plan is not None]), given.joined_by)


def action(ctx: Context, given: ast.Action) -> ActionPlan | None:
    source = leg(ctx, given.on)
    if given.verb == "cancel":
        return _cancel(ctx, given, source)
    place = source or ""
    _check_direction(ctx, given)
    size = amount(ctx, given.amount, given.verb)
    placed = order(ctx, given.order, place)
    attached: tuple[ExitPlan, ...] | None = exits(ctx, given.exits, place)
    if given.verb in REDUCTIONS and given.exits:
        ctx.report(
            codes.EXIT_ON_REDUCTION, given.exits[0].span.to(given.exits[-1].span), verb=given.verb,
            help="put the exits on the entry they protect, or into `protect { … }` for all entries",
        )  # fmt: skip
        return None
    if given.amount is not None and given.amount.is_risk and not _risk_is_known(ctx, given, given.amount):
        return None
    if given.verb == "target" and given.amount is None:
        ctx.report(
            codes.WRONG_AMOUNT, given.verb_span, expr="target", found="nothing",
            help="say what to move to: `target 40%`, or `close` to be flat",
        )  # fmt: skip
        return None
    if source is None or size is None or placed is None or attached is None:
        return None
    return ActionPlan(given.verb, size, source, placed, attached, given.tag or "", "", given.span)


def leg(ctx: Context, symbol: ast.SymbolRef | None) -> str | None:
    """The source an action is for: "" the traded symbol, else a name of a `data` declaration; None after a report."""
    if symbol is None:
        return ""
    if not symbol.quoted and symbol.name in ctx.legs:
        ctx.scope.use(symbol.name)
        return symbol.name
    for alias, name in ctx.legs.items():
        if name == symbol.name:
            ctx.scope.use(alias)
            return alias
    if ctx.symbols == (symbol.name,):
        return ""
    fixes: tuple[Fix, ...] = ()
    if symbol.name in ctx.symbols:
        alias = symbol.name.rpartition(":")[2].lower()
        help = f"a rule acts on each traded symbol by itself; for a leg declare `data {alias} = {_written(symbol)}`"
    else:
        near = ctx.near(symbol.name, [*ctx.legs, *ctx.legs.values(), *ctx.symbols])
        held = next((each for each in ctx.symbols if _begins(each, symbol.name)), "")
        for alias, name in ctx.legs.items():
            if near in (alias, name):
                # It was meant, so it is not unused.
                ctx.scope.use(alias)
        if symbol.name in ("close", "open") and not symbol.quoted:
            help = f"leave out `on {symbol.name}` for the next open; the close of the next session is `at auction`"
            fixes = _without_on(ctx, symbol)
        elif _is_ticker(symbol) and not (near and near[:3] == symbol.name[:3]):
            alias = _alias(symbol.name)
            help = f"declare it: `data {alias} = {_written(symbol)}`, and write `on {alias}`"
        elif near:
            help = f"did you mean `{near}`?"
            fixes = (Fix(f"write `{near}`", (Edit(symbol.span, near),)),)
        elif held:
            help = f"leave out `on {symbol.name}`: `{held}` is traded anyway"
            fixes = _without_on(ctx, symbol)
        else:
            help = f"declare it: `data {_alias(symbol.name)} = {symbol.name.upper()}`"
    ctx.report(codes.UNKNOWN_LEG, symbol.span, name=symbol.name, help=help, fixes=fixes)
    return None


def _without_on(ctx: Context, symbol: ast.SymbolRef) -> tuple[Fix, ...]:
    """The fix that takes `on X` out of an action."""
    before = ctx.problems.source.text[: symbol.span.start].rstrip()
    if not before.endswith("on"):
        return ()
    start = len(before.removesuffix("on").rstrip())
    return (Fix(f"take `on {symbol.name}` out", (Edit(Span(start, symbol.span.end), ""),)),)


def _is_ticker(symbol: ast.SymbolRef) -> bool:
    """Whether a name looks like a symbol of a market: `ETHUSDT`, `"CME:ES"`; names of `data` are in lower case."""
    return symbol.quoted or (symbol.name.isupper() and len(symbol.name) > 2)


def _begins(symbol: str, alias: str) -> bool:
    return len(alias) > 2 and symbol.rpartition(":")[2].lower().startswith(alias.lower())


def _alias(name: str) -> str:
    """A name for a `data` line: `eth` for ETHUSDT, `es` for CME:ES."""
    root = "".join(c for c in name.rpartition(":")[2].lower() if c.isalnum() or c == "_")
    for quote in ("usdt", "usdc", "usd", "eur", "btc"):
        if root.endswith(quote) and len(root) > len(quote) + 1:
            root = root[: -len(quote)]
            break
    return root if root[:1].isalpha() else f"s{root}"


def _written(symbol: ast.SymbolRef) -> str:
    return f'"{symbol.name}"' if symbol.quoted else symbol.name


def _cancel(ctx: Context, given: ast.Action, source: str | None) -> ActionPlan | None:
    if given.order is not None or given.exits:
        place = given.order.span if given.order is not None else given.exits[0].span
        ctx.report(codes.ORDER_ON_CANCEL, place, help="write `cancel` alone, and the new order in `& buy …`")
        return None
    name = given.cancel_rule or ""
    if name and name not in ctx.rules:
        near = ctx.near(name, ctx.rules)
        known = ", ".join(f"`{rule}`" for rule in ctx.rules[:8])
        at = ctx.problems.source.text.find(name, given.verb_span.end, given.span.end)
        place = Span(at, at + len(name)) if at >= 0 else given.span
        ctx.report(
            codes.UNKNOWN_RULE, place, name=name, help=f"did you mean `{near}`?" if near else f"there are {known}"
        )
        return None
    if source is None:
        return None
    from lingua.semantics.amounts import ALL

    return ActionPlan("cancel", ALL, source, MARKET, (), given.tag or "", name, given.span)


def _check_direction(ctx: Context, given: ast.Action) -> None:
    direction = ctx.direction
    wrong = {"buy": "short", "short": "long"}.get(given.verb) == direction
    does = {"buy": "opens a long position", "short": "opens a short position"}.get(given.verb, "")
    if given.verb == "target" and given.amount is not None and direction != "both":
        value = constant_of(ctx, given.amount.value)
        wrong = value is not None and value * (1 if direction == "long" else -1) < 0
        does = "asks for the other side"
    if not wrong:
        return
    item = next(iter(ctx.items(ast.Direction)), None)
    if item is not None:
        help, fixes = "write `direction both`", (Fix("write `direction both`", (Edit(item.span, "direction both"),)),)
    else:
        help = "add the line `direction both` to the strategy (or `direction short`)"
        place = ctx.strategy.items[0].span.start if ctx.strategy.items else ctx.strategy.span.end
        fixes = (Fix("add `direction both`", (Edit(Span(place, place), "direction both\n  "),)),)
    labels = (Label(item.span, "said here"),) if item is not None else ()
    ctx.report(
        codes.WRONG_DIRECTION, given.verb_span, verb=given.verb, does=does, direction=direction, help=help, fixes=fixes,
        labels=labels,
    )  # fmt: skip


def constant_of(ctx: Context, expr: ast.Expr) -> float | None:
    from lingua.semantics.values import Scalar

    value = ctx.x.value(expr, ctx.scope)
    return constant(value.node) if isinstance(value, Scalar) else None


def _risk_is_known(ctx: Context, given: ast.Action, size: ast.Amount) -> bool:
    """`risk 1%` needs a stop from the fill on: attached, or in `protect`."""
    if given.verb not in INCREASES:
        ctx.report(
            codes.WRONG_RISK,
            size.value.span,
            expr=f"risk {ctx.text(size.value)}",
            found=f"no amount of `{given.verb}`",
            help=f"`risk` sizes an entry; write a share, such as `{given.verb} 50%`",
        )
        return False
    if protects(ctx, given):
        return True
    risk_without_stop(ctx, size, size.value.span)
    return False


def risk_without_stop(ctx: Context, size: ast.Amount, span: Span, labels: tuple[Label, ...] = ()) -> None:
    ctx.report(
        codes.RISK_WITHOUT_STOP, span, expr=ctx.text(size.value), labels=labels,
        help="add a stop: `with stop 2 * atr(14)`, or `protect { stop 2 * atr(14) }` for all entries",
    )  # fmt: skip


def protects(ctx: Context, given: ast.Action) -> bool:
    """Whether an entry has a stop from the fill on, of its own or by `protect`."""
    own = given.exits or ctx.protect
    return any(sets_risk(item) for item in own)


def _check_opposed(ctx: Context, given: ast.Group) -> None:
    """`buy & sell` of one symbol undo each other; reversals are `cover & buy` and `sell & short`."""
    for number, second in enumerate(given.actions):
        for first in given.actions[:number]:
            same = (first.on.name if first.on else "") == (second.on.name if second.on else "")
            if same and given.joined_by == "&" and {first.verb, second.verb} in OPPOSED:
                help = "keep one of them; a reversal is `cover & buy` or `sell & short`"
                ctx.report(
                    codes.NEVER_AT_ONCE, second.verb_span, first=first.verb, second=second.verb, help=help,
                    labels=(Label(first.verb_span, "and this"),),
                )  # fmt: skip
                return
