"""`execution { slippage: 3bp; commission: 0.1%; latency: 1 bars; borrow: 3% per year; profile: pine }`.

Every option of `lingua.trading.execution.Execution` under the name a user writes, checked for its unit and bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lingua.data.timeframe import Timeframe
from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.codes import timeframes as time_codes
from lingua.diagnostics.diagnostic import Edit, Fix, Label
from lingua.ir.program import ExecutionPlan, OptionValue
from lingua.semantics.constants import Constant, as_share, constant
from lingua.semantics.context import Context, inner
from lingua.semantics.parameters import remember_params
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

Found = tuple[str, OptionValue]
"""An option of `Execution` and its value."""

ALIASES = {
    "per_order": "commission_per_order", "per_unit": "commission_per_unit", "per_share": "commission_per_unit",
    "minimum": "commission_minimum", "tiers": "commission_tiers", "maker": "commission_maker", "taker": "commission",
    "stops": "stops_from", "volume_share": "slippage_volume_share", "leverage": "", "margin": "",
}  # fmt: skip
"""Shorter names; "" marks one that means something, but not here."""

PER_YEAR = {"year": 1.0, "quarter": 4.0, "month": 12.0, "week": 52.0, "day": 365.0}
PER_8_HOURS = {"hour": 8.0, "day": 1 / 3, "session": 1 / 3, "year": 1 / 1095}


def execution(ctx: Context, blocks: Iterable[ast.Execution]) -> ExecutionPlan:
    """All settings, in source order; what is wrong is reported and left out."""
    found: dict[str, OptionValue] = {}
    first: dict[str, ast.Setting] = {}
    for block in blocks:
        for item in block.settings:
            for name, value in _setting(ctx, item):
                before = first.setdefault(name, item)
                if before is not item:
                    ctx.report(
                        codes.REPEATED_SETTING, item.name_span, name=item.name, help="keep one of them",
                        labels=(Label(before.name_span, "first here"),),
                    )  # fmt: skip
                else:
                    found[name] = value
    _check_together(ctx, found, first)
    return ExecutionPlan(tuple(found.items()))


def _setting(ctx: Context, item: ast.Setting) -> list[Found]:
    name = ALIASES.get(item.name, item.name)
    reader = OPTIONS.get(name)
    if reader is None:
        _unknown(ctx, item)
        return []
    if item.per is not None and name not in ("borrow", "interest", "risk_free", "funding", "commission"):
        ctx.report(
            codes.OPTION_VALUE, item.span, name=item.name, wanted="a value", expr=ctx.text_of(item.span),
            found="a rate per time", help=f"leave out `per {item.per}`",
        )  # fmt: skip
        return []
    found = reader(ctx, item, name)
    written = item.value or value_expr(item)
    if written is not None:
        remember_params(ctx, written)
    return found if isinstance(found, list) else [(name, found)] if found is not None else []


def _unknown(ctx: Context, item: ast.Setting) -> None:
    known = [name for name in (*OPTIONS, *ALIASES) if ALIASES.get(name) != ""]
    near = ctx.near(item.name, known)
    help = f"did you mean `{near}`?" if near else f"there are {', '.join(OPTIONS)}"
    if ALIASES.get(item.name) == "":
        help, near = "margin is a fact of the instrument; bound what is held with `risk { max_exposure 200% }`", None
    fixes = (Fix(f"replace by `{near}`", (Edit(item.name_span, near),)),) if near else ()
    ctx.report(codes.UNKNOWN_OPTION, item.name_span, block="execution", name=item.name, help=help, fixes=fixes)


# --- readers: from a setting to the value of an option -----------------------------------------------

Read = list[Found] | OptionValue | None
Reader = Callable[[Context, ast.Setting, str], Read]


def words(ctx: Context, item: ast.Setting) -> str:
    """The setting as one word, words joined by `_`; "" when it is something else."""
    if item.words and item.value is None:
        return "_".join(item.words)
    bare = inner(item.value) if item.value is not None else None
    if not item.words and isinstance(bare, ast.Name):
        return bare.name
    if not item.words and isinstance(bare, ast.String):
        return bare.value
    return ""


def value_expr(item: ast.Setting) -> Expr | None:
    """The value, a single word being a name."""
    if item.value is not None:
        return item.value if not item.words else None
    return ast.Name(item.words[0], span=item.span) if len(item.words) == 1 else None


def read(ctx: Context, item: ast.Setting, wanted: str, example: str) -> Constant | None:
    """The value as a constant; reports words where a value is wanted."""
    expr = value_expr(item)
    if expr is None:
        _wrong(ctx, item, wanted, "words", example)
        return None
    if isinstance(expr, ast.Name) and item.value is None:
        # The setting's span ends with the word.
        start = ctx.problems.source.text.rfind(expr.name, item.span.start, item.span.end)
        expr = ast.Name(expr.name, span=Span(max(start, item.span.start), item.span.end))
    return constant(ctx, expr, f"`{item.name}`")


def _wrong(ctx: Context, item: ast.Setting, wanted: str, found: str, example: str) -> None:
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.OPTION_VALUE, span, name=item.name, wanted=wanted, expr=ctx.text_of(span), found=found,
        help=f"write `{item.name}: {example}`",
    )  # fmt: skip


def _ratio(ctx: Context, item: ast.Setting, example: str, least: float = 0.0, most: float = 1.0) -> float | None:
    """The value as a share within bounds; None after a report."""
    wanted = f"a share such as `{example}`"
    found = read(ctx, item, wanted, example)
    if found is None:
        return None
    zero = found.unit == "none" and found.value == 0
    if found.unit != "ratio" and not zero:
        plain = item.value is not None and found.unit == "none" and found.value > 0
        mend = as_share(found.value, ctx.full_text(item.value)) if item.value is not None and plain else example
        _wrong(ctx, item, wanted, found.words, mend)
        return None
    if not least <= found.value <= most:
        _wrong(ctx, item, f"a share from {least * 100:g}% to {most * 100:g}%", "none", example)
        return None
    return found.value


def _share(example: str, most: float = 1.0) -> Reader:
    return lambda ctx, item, name: _ratio(ctx, item, example, most=most)


def _yearly(periods: dict[str, float], example: str, least: float = 0.0) -> Reader:
    """A rate told per period, as the rate of the period the engine counts in."""

    def reader(ctx: Context, item: ast.Setting, name: str) -> Read:
        if item.per is not None and item.per not in periods:
            near = ctx.near(item.per, periods)
            ctx.report(
                codes.UNKNOWN_CHOICE,
                item.span,
                word=f"per {item.per}",
                known=", ".join(f"`per {each}`" for each in periods),
                help=f"write `per {near or next(iter(periods))}`",
            )
            return None
        found = _ratio(ctx, item, example, least, 10.0)
        return found * periods[item.per] if found is not None and item.per is not None else found

    return reader


def _money(ctx: Context, item: ast.Setting, name: str) -> Read:
    return _paid(ctx, item)


def _paid(ctx: Context, item: ast.Setting) -> float | None:
    found = read(ctx, item, "an amount of money", "1 USD")
    if found is None:
        return None
    if found.unit not in ("money", "none", "price") or found.value < 0:
        _wrong(ctx, item, "an amount of money", found.words if found.value >= 0 else "below zero", "1 USD")
        return None
    return found.value


def _count(least: float, *, whole: bool, units: tuple[str, ...] = ("none",), example: str = "1") -> Reader:
    def reader(ctx: Context, item: ast.Setting, name: str) -> Read:
        wanted = "a whole number" if whole else "a number"
        found = read(ctx, item, wanted, example)
        if found is None:
            return None
        if (
            found.unit not in units
            or found.value < least
            or found.value > 1e9
            or (whole and not found.value.is_integer())
        ):
            _wrong(ctx, item, f"{wanted} from {least:g} on", found.amiss(*units), example)
            return None
        return int(found.value) if whole else found.value

    return reader


def _truth(ctx: Context, item: ast.Setting, name: str) -> Read:
    word = words(ctx, item)
    if word in ("yes", "no", "on", "off"):
        _wrong(ctx, item, "`true` or `false`", "neither", "true" if word in ("yes", "on") else "false")
        return None
    found = read(ctx, item, "`true` or `false`", "true")
    if found is None:
        return None
    if found.unit != "truth":
        _wrong(ctx, item, "`true` or `false`", found.words, "true")
        return None
    return found.value == 1.0


def _choice(*known: str, **spellings: str) -> Reader:
    def reader(ctx: Context, item: ast.Setting, name: str) -> Read:
        word = words(ctx, item)
        word = spellings.get(word, word)
        if word in known:
            return word
        _unknown_choice(ctx, item, word, known)
        return None

    return reader


def _unknown_choice(
    ctx: Context, item: ast.Setting, word: str, known: tuple[str, ...], *, quoted: bool = False
) -> None:
    span = item.value.span if item.value is not None else item.span
    near = ctx.near(word, known) or (known[0] if len(known) < 4 else None)
    mark = '"' if quoted else ""
    help = f"write `{item.name}: {mark}{near}{mark}`" if near else f"write one of {', '.join(known)}"
    ctx.report(
        codes.UNKNOWN_CHOICE,
        span,
        word=word or ctx.text_of(span),
        known=", ".join(f"`{each}`" for each in known),
        help=help,
    )


def _fees(ctx: Context, item: ast.Setting, name: str) -> Read:
    from lingua.trading.fees import PRESETS

    bare = inner(item.value) if item.value is not None else None
    word = ctx.full_text(bare) if isinstance(bare, ast.Field) else words(ctx, item)
    if word in PRESETS and not isinstance(bare, ast.Field):
        return word
    if word in PRESETS and bare is not None:
        _wrong(ctx, item, "the name of a preset in quotes", "no text", f'"{word}"')
        return None
    _unknown_choice(ctx, item, word, tuple(sorted(PRESETS)), quoted=True)
    return None


def _profile(ctx: Context, item: ast.Setting, name: str) -> Read:
    from lingua.trading.profiles import PROFILES

    word = words(ctx, item)
    if word in PROFILES:
        return word
    _unknown_choice(ctx, item, word, tuple(sorted(PROFILES)))
    return None


def _slippage(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`3bp` of the price, `2 ticks`, or `volume 10%`: the share of the bar's volume that moves the price."""
    if item.words and item.words[0] in ("volume", "impact") and item.value is not None:
        found = _ratio(ctx, ast.Setting(item.name, (), item.value, None, span=item.span), "10%")
        return [("slippage_volume_share", found)] if found is not None else None
    found_constant = read(ctx, item, "a share or a number of ticks", "3bp")
    if found_constant is None:
        return None
    if found_constant.unit == "ticks":
        return [("slippage_ticks", found_constant.value)]
    return _ratio(ctx, item, "3bp", most=0.5)


def _commission(ctx: Context, item: ast.Setting, name: str) -> Read:
    """`0.1%` of the notional, `0.005 USD per share`, `1 USD per order`, or tiers."""
    if isinstance(inner(item.value) if item.value is not None else None, ast.ListExpr):
        tiers = _pairs(ctx, item)
        return [("commission_tiers", tiers)] if tiers is not None else None
    per = {"share": "unit", "contract": "unit", "coin": "unit", "trade": "order", "fill": "order"}.get(
        item.per or "", item.per
    )
    if per in ("unit", "order"):
        paid = _paid(ctx, item)
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
        _wrong(
            ctx,
            item,
            "a share of the notional",
            found.words,
            f"{ctx.full_text(item.value)} per order" if item.value else "0.1%",
        )
        return None
    return _ratio(ctx, item, "0.1%", most=0.5)


def _tiers(ctx: Context, item: ast.Setting, name: str) -> Read:
    return _pairs(ctx, item)


def _pairs(ctx: Context, item: ast.Setting) -> tuple[tuple[float, float], ...] | None:
    """`[[0, 0.10%], [1_000_000 USD, 0.08%]]`: from this much traded in 30 days on, this share."""
    example = "[[0, 0.1%], [1000000 USD, 0.08%]]"
    wanted = "pairs of a volume and a share"
    bare = inner(item.value) if item.value is not None else None
    if not isinstance(bare, ast.ListExpr) or not bare.items:
        _wrong(ctx, item, wanted, "no list", example)
        return None
    found: list[tuple[float, float]] = []
    for pair in bare.items:
        if not isinstance(pair, ast.ListExpr) or len(pair.items) != 2:
            _wrong(ctx, item, wanted, "not made of pairs", example)
            return None
        start, rate = (constant(ctx, part, f"`{item.name}`") for part in pair.items)
        if start is None or rate is None:
            return None
        if start.unit not in ("none", "money") or rate.unit != "ratio" or start.value < 0 or not 0 <= rate.value < 0.5:
            _wrong(ctx, item, wanted, "not made of them", example)
            return None
        if found and start.value <= found[-1][0]:
            _wrong(ctx, item, "volumes in rising order", "not in that order", example)
            return None
        found.append((start.value, rate.value))
    return tuple(found)


def _latency(ctx: Context, item: ast.Setting, name: str) -> list[Found] | None:
    found = read(ctx, item, "a number of bars or a time", "1 bars")
    if found is None:
        return None
    length = found.length
    if length is None or length[1] < 0:
        _wrong(ctx, item, "a number of bars or a time", found.amiss("none", "bars", "duration"), "1 bars")
        return None
    if length[0] == "bars":
        if not found.value.is_integer() or found.value > 100_000:
            _wrong(ctx, item, "a whole number of bars", "none", "1 bars")
            return None
        return [("latency_bars", int(found.value))]
    return [("latency_s", found.value)]


def _detail(ctx: Context, item: ast.Setting, name: str) -> Read:
    found = read(ctx, item, "a timeframe", "1m")
    if found is None:
        return None
    try:
        finer = Timeframe.parse(found.text)
    except ValueError:
        _wrong(ctx, item, "a timeframe", found.amiss("duration"), "1m")
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
            _wrong(ctx, item, "a number of ticks", found.amiss("none", "ticks"), "through 1 ticks")
            return None
        return [("limit_fill", "through"), ("limit_through_ticks", found.value)]
    return _choice("through", "touch")(ctx, item, name)


def _fill_on(ctx: Context, item: ast.Setting, name: str) -> Read:
    if words(ctx, item) == "close":
        ctx.report(
            codes.FILL_ON_CLOSE,
            item.span,
            help="leave it out: orders fill from the next open on; for the next closing auction write `at auction`",
        )
        return None
    return _choice("open")(ctx, item, name)


OPTIONS: dict[str, Reader] = {
    "slippage": _slippage,
    "slippage_ticks": _count(0, whole=False, units=("none", "ticks"), example="1"),
    "slippage_volume_share": _share("10%"),
    "commission": _commission,
    "commission_maker": _share("0.05%", 0.5),
    "commission_per_order": _money,
    "commission_per_unit": _money,
    "commission_minimum": _money,
    "commission_tiers": _tiers,
    "fees": _fees,
    "latency": _latency,
    "detail": _detail,
    "fill_share": _share("10%"),
    "limit_fill": _limit_fill,
    "limit_through_ticks": _count(0, whole=False, units=("none", "ticks"), example="1"),
    "funding": _yearly(PER_8_HOURS, "0.01%", least=-10.0),
    "borrow": _yearly(PER_YEAR, "3% per year"),
    "interest": _yearly(PER_YEAR, "3% per year"),
    "rebalance": _share("1%"),
    "cash_buffer": _share("1%"),
    "size_at": _choice("decision", "fill"),
    "stops_from": _choice("fill", "next_bar", from_next_bar="next_bar", from_fill="fill"),
    "intrabar": _choice("adverse", "favourable", favorable="favourable"),
    "fill_on": _fill_on,
    "warmup": _choice("ready", "settled"),
    "max_gap": _count(0, whole=True, units=("none", "bars"), example="3"),
    "allow_jumps": _truth,
    "whole_units": _truth,
    "risk_free": _yearly(PER_YEAR, "3% per year"),
    "leavers": _choice("close", "hold"),
    "profile": _profile,
}


@dataclass(frozen=True, slots=True)
class _Pair:
    first: str
    second: str
    cause: str
    mend: str


TOGETHER = (
    _Pair("commission", "commission_tiers", "tiers replace `commission`", "keep one of them"),
    _Pair("latency_bars", "latency_s", "latency is given in bars and in time", "keep one of them"),
)


def _check_together(ctx: Context, found: dict[str, OptionValue], first: dict[str, ast.Setting]) -> None:
    for pair in TOGETHER:
        if pair.first in found and pair.second in found and first[pair.first] is not first[pair.second]:
            later = max(first[pair.first], first[pair.second], key=lambda item: item.span.start)
            earlier = min(first[pair.first], first[pair.second], key=lambda item: item.span.start)
            ctx.report(
                codes.CONTRADICTORY,
                later.span,
                cause=pair.cause,
                help=pair.mend,
                labels=(Label(earlier.span, "and here"),),
            )
    if found.get("limit_fill") == "touch" and "limit_through_ticks" in found:
        ctx.report(
            codes.CONTRADICTORY,
            first["limit_through_ticks"].span,
            cause="a limit that fills at a touch needs no ticks through it",
            help="write `limit_fill: through`, or leave the ticks out",
            labels=(Label(first["limit_fill"].span, "and here"),),
        )
