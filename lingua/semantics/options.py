"""Every option of `lingua.trading.execution.Execution` under the name a user writes, with its reader."""

from __future__ import annotations

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.codes import timeframes as time_codes
from lingua.semantics.constants import constant
from lingua.semantics.context import Context, inner
from lingua.semantics.readers import (
    Found,
    Read,
    Reader,
    choice,
    count,
    money,
    paid_in,
    rate,
    ratio,
    read,
    share,
    truth,
    unknown_choice,
    words,
    wrong,
)
from lingua.syntax import nodes as ast

PER_YEAR = {"year": 1.0, "quarter": 4.0, "month": 12.0, "week": 52.0, "day": 365.0}
PER_8_HOURS = {"hour": 8.0, "day": 1 / 3, "session": 1 / 3, "year": 1 / 1095}


def _fees(ctx: Context, item: ast.Setting, name: str) -> Read:
    from lingua.trading.fees import PRESETS

    bare = inner(item.value) if item.value is not None else None
    word = ctx.full_text(bare) if isinstance(bare, ast.Field) else words(ctx, item)
    if word in PRESETS and not isinstance(bare, ast.Field):
        return word
    if word in PRESETS and bare is not None:
        wrong(ctx, item, "the name of a preset in quotes", "no text", f'"{word}"')
        return None
    unknown_choice(ctx, item, word, tuple(sorted(PRESETS)), quoted=True)
    return None


def _profile(ctx: Context, item: ast.Setting, name: str) -> Read:
    from lingua.trading.profiles import PROFILES

    word = words(ctx, item)
    if word in PROFILES:
        return word
    unknown_choice(ctx, item, word, tuple(sorted(PROFILES)))
    return None


def _slippage(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`3bp` of the price, `2 ticks`, or `volume 10%`: the share of the bar's volume that moves the price."""
    if item.words and item.words[0] in ("volume", "impact") and item.value is not None:
        found = ratio(ctx, ast.Setting(item.name, (), item.value, None, span=item.span), "10%")
        return [("slippage_volume_share", found)] if found is not None else None
    found_constant = read(ctx, item, "a share or a number of ticks", "3bp")
    if found_constant is None:
        return None
    if found_constant.unit == "ticks":
        return [("slippage_ticks", found_constant.value)]
    return ratio(ctx, item, "3bp", most=0.5)


def _commission(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`0.1%` of the notional, `0.005 USD per share`, `1 USD per order`, or tiers."""
    if isinstance(inner(item.value) if item.value is not None else None, ast.ListExpr):
        tiers = _pairs(ctx, item)
        return [("commission_tiers", tiers)] if tiers is not None else None
    per = {"share": "unit", "contract": "unit", "coin": "unit", "trade": "order", "fill": "order"}.get(
        item.per or "", item.per
    )
    if per in ("unit", "order"):
        paid = paid_in(ctx, item)
        return [(f"commission_per_{per}", paid)] if paid is not None else None
    if item.per is not None:
        ctx.report(
            codes.UNKNOWN_CHOICE, item.span, word=f"per {item.per}", known="`per order`, `per unit`",
            help="a share is per side anyway; money is paid `per order` or `per unit`",
        )  # fmt: skip
        return None
    found = read(ctx, item, "a share of the notional", "0.1%")
    if found is None:
        return None
    if found.unit == "money":
        wrong(
            ctx,
            item,
            "a share of the notional",
            found.words,
            f"{ctx.full_text(item.value)} per order" if item.value else "0.1%",
        )
        return None
    return ratio(ctx, item, "0.1%", most=0.5)


def _commission_maximum(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`20 USD`, or a share of what the order trades: `1%`."""
    found = read(ctx, item, "an amount of money or a share of the notional", "1%")
    if found is None:
        return None
    if found.unit == "ratio":
        most = ratio(ctx, item, "1%")
        return [("commission_maximum_share", most)] if most is not None else None
    return paid_in(ctx, item)


def _tiers(ctx: Context, item: ast.Setting, name: str) -> Read:
    return _pairs(ctx, item)


def _pairs(ctx: Context, item: ast.Setting) -> tuple[tuple[float, float], ...] | None:
    """`[[0, 0.10%], [1_000_000 USD, 0.08%]]`: from this much traded in 30 days on, this share."""
    example = "[[0, 0.1%], [1000000 USD, 0.08%]]"
    wanted = "pairs of a volume and a share"
    bare = inner(item.value) if item.value is not None else None
    if not isinstance(bare, ast.ListExpr) or not bare.items:
        wrong(ctx, item, wanted, "no list", example)
        return None
    found: list[tuple[float, float]] = []
    for pair in bare.items:
        if not isinstance(pair, ast.ListExpr) or len(pair.items) != 2:
            wrong(ctx, item, wanted, "not made of pairs", example)
            return None
        start, rate = (constant(ctx, part, f"`{item.name}`") for part in pair.items)
        if start is None or rate is None:
            return None
        if start.unit not in ("none", "money") or rate.unit != "ratio" or start.value < 0 or not 0 <= rate.value < 0.5:
            wrong(ctx, item, wanted, "not made of them", example)
            return None
        if found and start.value <= found[-1][0]:
            wrong(ctx, item, "volumes in rising order", "not in that order", example)
            return None
        found.append((start.value, rate.value))
    return tuple(found)


def _latency(ctx: Context, item: ast.Setting, name: str) -> list[Found] | None:
    found = read(ctx, item, "a number of bars or a time", "1 bars")
    if found is None:
        return None
    length = found.length
    if length is None or length[1] < 0:
        wrong(ctx, item, "a number of bars or a time", found.amiss("none", "bars", "duration"), "1 bars")
        return None
    if length[0] == "bars":
        if not found.value.is_integer() or found.value > 100_000:
            wrong(ctx, item, "a whole number of bars", "none", "1 bars")
            return None
        return [("latency_bars", int(found.value))]
    return [("latency_s", found.value)]


def _leg_timeout(ctx: Context, item: ast.Setting, name: str) -> list[Found] | None:
    found = read(ctx, item, "a time", "10s")
    if found is None:
        return None
    length = found.length
    if length is None or length[0] == "bars" or length[1] < 0:
        wrong(ctx, item, "a time", found.amiss("duration"), "10s")
        return None
    return [("leg_timeout_s", found.value)]


def _detail(ctx: Context, item: ast.Setting, name: str) -> Read:
    found = read(ctx, item, "a timeframe", "1m")
    if found is None:
        return None
    try:
        finer = Timeframe.parse(found.text)
    except ValueError:
        wrong(ctx, item, "a timeframe", found.amiss("duration"), "1m")
        return None
    base = Timeframe.parse(ctx.timeframe) if ctx.timeframe else None
    if base is not None and (base == finer or not base.is_multiple_of(finer)):
        ctx.report(
            time_codes.NOT_A_MULTIPLE,
            item.value.span if item.value is not None else item.span,
            wanted=ctx.timeframe,
            base=found.text,
            help=f"detail is finer than the traded {ctx.timeframe}: write one that divides it, such as `1m`",
        )
        return None
    return found.text


def _limit_fill(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`touch`, `through`, or `through 2 ticks`."""
    if item.words == ("through",) and item.value is not None:
        found = constant(ctx, item.value, "`limit_fill`")
        if found is None:
            return None
        if found.unit not in ("ticks", "none") or found.value < 0:
            wrong(ctx, item, "a number of ticks", found.amiss("none", "ticks"), "through 1 ticks")
            return None
        return [("limit_fill", "through"), ("limit_through_ticks", found.value)]
    return choice("through", "touch")(ctx, item, name)


def _fill_on(ctx: Context, item: ast.Setting, name: str) -> Read:
    if words(ctx, item) == "close":
        ctx.report(
            codes.FILL_ON_CLOSE,
            item.span,
            help="leave it out: orders fill from the next open on; for the next closing auction write `at auction`",
        )
        return None
    return choice("open")(ctx, item, name)


OPTIONS: dict[str, Reader] = {
    "slippage": _slippage,
    "slippage_ticks": count(0, whole=False, units=("none", "ticks"), example="1"),
    "slippage_volume_share": share("10%"),
    "commission": _commission,
    "commission_maker": share("0.05%", 0.5),
    "commission_per_order": money,
    "commission_per_unit": money,
    "commission_minimum": money,
    "commission_maximum": _commission_maximum,
    "commission_maximum_share": share("1%"),
    "commission_tiers": _tiers,
    "fees": _fees,
    "latency": _latency,
    "leg_timeout": _leg_timeout,
    "on_broken": choice("complete", "unwind"),
    "detail": _detail,
    "fill_share": share("10%"),
    "limit_fill": _limit_fill,
    "limit_through_ticks": count(0, whole=False, units=("none", "ticks"), example="1"),
    "funding": rate(PER_8_HOURS, "0.01%", least=-10.0),
    "borrow": rate(PER_YEAR, "3% per year"),
    "interest": rate(PER_YEAR, "3% per year"),
    "rebalance": share("1%"),
    "cash_buffer": share("1%"),
    "size_at": choice("decision", "fill"),
    "stops_from": choice("fill", "next_bar", from_next_bar="next_bar", from_fill="fill"),
    "intrabar": choice("adverse", "favourable", favorable="favourable"),
    "fill_on": _fill_on,
    "warmup": choice("ready", "settled"),
    "max_gap": count(0, whole=True, units=("none", "bars"), example="3"),
    "allow_jumps": truth,
    "whole_units": truth,
    "risk_free": rate(PER_YEAR, "3% per year"),
    "leavers": choice("close", "hold"),
    "profile": _profile,
}
