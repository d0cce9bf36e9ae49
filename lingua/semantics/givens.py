"""`given close = [100, 101]`, `given bars "file.csv"`, `given bars = random(1, 200)`, `given lead = 210`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lingua.diagnostics.codes import orders as order_codes
from lingua.diagnostics.codes import parameters as codes
from lingua.diagnostics.diagnostic import Label
from lingua.ir.nodes import Constancy, Kind
from lingua.semantics.constants import constant
from lingua.semantics.context import Context, inner
from lingua.semantics.values import Failed, Items, Scalar, Value
from lingua.structs import Struct
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

COLUMNS = ("open", "high", "low", "close", "volume", "time")
SETTINGS = ("lead", "capital")
NAMES = (*COLUMNS, "bars", *SETTINGS)
MOST_BARS = 100_000
CAPITAL = 100_000.0


class GivenColumn(Struct):
    """Values of one column, oldest first; `owner` "" is the traded symbol, else a name of a `data` declaration. Missing
    values are NaN, times seconds since 1970."""

    owner: str
    name: str
    values: tuple[float, ...]
    span: Span


class GivenBars(Struct):
    """Bars from a file (`path` as written, relative to the program), or `count` random ones of `seed`."""

    owner: str
    path: str
    seed: int
    count: int
    span: Span


class Givens(Struct):
    """What a test starts from; what is not given has the defaults of the language's section on tests."""

    columns: tuple[GivenColumn, ...] = ()
    bars: tuple[GivenBars, ...] = ()
    lead: int = 0
    capital: float = CAPITAL

    @property
    def count(self) -> int | None:
        """Bars given for the traded symbol; None when a file says."""
        for column in self.columns:
            if not column.owner:
                return len(column.values)
        return next((bars.count for bars in self.bars if not bars.owner and not bars.path), None)


def givens(ctx: Context, parts: Sequence[ast.Given]) -> Givens:
    """All that is given; what is wrong is reported and left out."""
    columns: list[GivenColumn] = []
    bars: list[GivenBars] = []
    lead, capital = 0, CAPITAL
    first: dict[tuple[str, str], Span] = {}
    for part in parts:
        owner = part.owner or ""
        before = first.setdefault((owner, part.name), part.span)
        if before is not part.span:
            ctx.report(
                order_codes.REPEATED_SETTING, part.span, name=_name(part), help="keep one of them",
                labels=(Label(before, "first here"),),
            )  # fmt: skip
        elif not _is_known(ctx, part):
            continue
        elif part.name == "bars":
            found = _bars(ctx, part, owner)
            bars += [found] if found is not None else []
        elif part.name in SETTINGS:
            number = _setting(ctx, part)
            if part.name == "lead":
                lead = int(number) if number is not None else 0
            else:
                capital = number if number is not None else CAPITAL
        else:
            values = _column(ctx, part)
            columns += [GivenColumn(owner, part.name, values, part.span)] if values is not None else []
    _check_lengths(ctx, columns, bars)
    return Givens(tuple(columns), tuple(bars), lead, capital)


def _name(part: ast.Given) -> str:
    return f"{part.owner}.{part.name}" if part.owner else part.name


def _is_known(ctx: Context, part: ast.Given) -> bool:
    known = (*COLUMNS, "bars") if part.owner else NAMES
    if part.owner and part.owner not in ctx.legs:
        near = ctx.near(part.owner, ctx.legs)
        help = f"did you mean `{near}.{part.name}`?" if near else f"declare it in the strategy: `data {part.owner} = …`"
        ctx.report(codes.GIVEN_UNKNOWN, part.span, name=_name(part), help=help)
        return False
    if part.owner:
        ctx.scope.use(part.owner)
    if part.name in known:
        return True
    near = ctx.near(part.name, known)
    help = f"did you mean `{near}`?" if near else f"a test is given {', '.join(known)}; parameters are set by `using`"
    if ctx.scope.lookup(part.name) is not None:
        help = f"`{part.name}` follows from the bars; give those, such as `given close = [100, 101]`"
        if part.name in ctx.x.params:
            help = f"parameters are set by `using {part.name}: …`"
    ctx.report(codes.GIVEN_UNKNOWN, part.span, name=_name(part), help=help)
    return False


def _wrong(ctx: Context, part: ast.Given, wanted: str, expr: Expr | None, found: str, help: str) -> None:
    span = expr.span if expr is not None else part.span
    ctx.report(codes.GIVEN_VALUE, span, name=_name(part), wanted=wanted, expr=ctx.text_of(span), found=found, help=help)


def _bars(ctx: Context, part: ast.Given, owner: str) -> GivenBars | None:
    if part.path is not None:
        if not part.path.strip() or part.path.startswith("/") or "://" in part.path or "\\" in part.path:
            help = 'write a path relative to this file, with `/`: `given bars "fixtures/btc_1h.csv"`'
            _wrong(ctx, part, "a relative path to a file of prices", None, "none", help)
            return None
        return GivenBars(owner, part.path, 0, 0, part.span)
    call = inner(part.value) if part.value is not None else None
    wanted = "a file or `random(seed, bars)`"
    if (
        not isinstance(call, ast.Call)
        or not isinstance(call.function, ast.Name)
        or call.function.name != "random"
        or len(call.args) != 2
    ):
        _wrong(ctx, part, wanted, call, "neither", "write `given bars = random(1, 200)`")
        return None
    numbers: list[int] = []
    for arg, (name, least, most) in zip(call.args, (("seed", 0, 2**32), ("n", 1, MOST_BARS)), strict=True):
        found = constant(ctx, arg.value, f"`{name}` of `random`")
        if found is None:
            return None
        if found.unit not in ("none", "bars") or not found.is_whole or not least <= found.value <= most:
            _wrong(
                ctx,
                part,
                f"a whole number from {least:,} to {most:,}",
                arg.value,
                found.amiss("none", "bars"),
                "write `random(1, 200)`",
            )
            return None
        numbers.append(int(found.value))
    return GivenBars(owner, "", numbers[0], numbers[1], part.span)


def _setting(ctx: Context, part: ast.Given) -> float | None:
    if part.value is None:
        return None
    found = constant(ctx, part.value, f"`{part.name}`")
    if found is None:
        return None
    if part.name == "lead":
        if found.unit not in ("none", "bars") or not found.is_whole or not 0 <= found.value <= MOST_BARS:
            _wrong(
                ctx,
                part,
                f"a whole number up to {MOST_BARS:,}",
                part.value,
                found.amiss("none", "bars"),
                "write `given lead = 200`",
            )
            return None
    elif found.unit not in ("none", "money") or found.value <= 0:
        _wrong(
            ctx,
            part,
            "an amount of money above zero",
            part.value,
            found.amiss("none", "money"),
            "write `given capital = 100_000`",
        )
        return None
    return found.value


def _column(ctx: Context, part: ast.Given) -> tuple[float, ...] | None:
    """A list of numbers, `na` for a missing one; `time` takes times."""
    example = f"write `given {_name(part)} = [100, 101, 99]`"
    if part.name == "time":
        example = 'write `given time = [date("2024-01-02"), date("2024-01-03")]`'
    wanted = "a list of times" if part.name == "time" else "a list of numbers"
    if part.value is None:
        _wrong(ctx, part, wanted, None, "a file", 'write `given bars "file.csv"` for all columns')
        return None
    value = ctx.x.value(part.value, ctx.scope)
    if isinstance(value, Failed):
        return None
    if not isinstance(value, Items):
        _wrong(ctx, part, wanted, part.value, "no list", example)
        return None
    numbers = [_number(ctx, item, part.name) for item in value.items]
    if not numbers or any(number is None for number in numbers) or len(numbers) > MOST_BARS:
        found = "empty" if not numbers else "too long" if len(numbers) > MOST_BARS else "not made of them"
        _wrong(ctx, part, wanted, part.value, found, example)
        return None
    values = tuple([float(number) for number in numbers if number is not None])
    wrong = ""
    if part.name == "time":
        if any(not after > before for before, after in pairwise(values)):
            wrong = "not in rising order"
    elif any(number < 0 or (number == 0 and part.name != "volume") for number in values):
        wrong = "not above zero throughout"
    if wrong:
        _wrong(ctx, part, wanted, part.value, wrong, example)
        return None
    return values


def _number(ctx: Context, value: Value, name: str) -> float | None:
    if (
        not isinstance(value, Scalar)
        or value.node.constancy > Constancy.PARAM
        or value.node.kind in (Kind.BOOL, Kind.STRING)
    ):
        return None
    number = float(ctx.x.statics.of(value.node))
    if number == number and (value.node.kind is Kind.TIME) != (name == "time"):
        return None
    return number


def _check_lengths(ctx: Context, columns: list[GivenColumn], bars: list[GivenBars]) -> None:
    owners = {each.owner: each for each in bars}
    first: dict[str, GivenColumn] = {}
    for column in columns:
        before = first.setdefault(column.owner, column)
        name = f"{column.owner}.{column.name}" if column.owner else column.name
        if column.owner in owners:
            ctx.report(
                codes.GIVEN_UNKNOWN,
                column.span,
                name=name,
                labels=(Label(owners[column.owner].span, "all columns come from here"),),
                help="give whole bars or single columns, not both",
            )
        elif len(before.values) != len(column.values):
            other = f"{before.owner}.{before.name}" if before.owner else before.name
            ctx.report(
                codes.GIVEN_LENGTHS,
                column.span,
                name=name,
                count=len(column.values),
                other=other,
                others=len(before.values),
                labels=(Label(before.span, "the first list"),),
                help="give every list one value for each bar",
            )
