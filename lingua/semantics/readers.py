"""From a setting as written to the value of an option: shares, rates, money, counts, truths and choices.

Each reader gives None after a report, and never a value out of bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lingua.diagnostics.codes import orders as codes
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.ir.program import OptionValue
from lingua.semantics.constants import Constant, as_share, constant
from lingua.semantics.context import Context, inner
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr
from lingua.syntax.source import Span

Found = tuple[str, OptionValue]
"""An option of `Execution` and its value."""

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
        wrong(ctx, item, wanted, "words", example)
        return None
    if isinstance(expr, ast.Name) and item.value is None:
        # The setting's span ends with the word.
        start = ctx.problems.source.text.rfind(expr.name, item.span.start, item.span.end)
        expr = ast.Name(expr.name, span=Span(max(start, item.span.start), item.span.end))
    return constant(ctx, expr, f"`{item.name}`")


def wrong(ctx: Context, item: ast.Setting, wanted: str, found: str, example: str) -> None:
    span = item.value.span if item.value is not None else item.span
    ctx.report(
        codes.OPTION_VALUE, span, name=item.name, wanted=wanted, expr=ctx.text_of(span), found=found,
        help=f"write `{item.name}: {example}`",
        fixes=(Fix(f"write `{example}`", (Edit(span, example),)),) if item.value is not None else (),
    )  # fmt: skip


def ratio(ctx: Context, item: ast.Setting, example: str, least: float = 0.0, most: float = 1.0) -> float | None:
    """The value as a share within bounds; None after a report."""
    wanted = f"a share such as `{example}`"
    found = read(ctx, item, wanted, example)
    if found is None:
        return None
    zero = found.unit == "none" and found.value == 0
    if found.unit != "ratio" and not zero:
        plain = item.value is not None and found.unit == "none" and found.value > 0
        text = ctx.full_text(item.value) if item.value is not None else ""
        mend = _as_cost(found.value, text, example) if text and plain else example
        wrong(ctx, item, wanted, found.words, mend)
        return None
    if not least <= found.value <= most:
        wrong(ctx, item, f"a share from {least * 100:g}% to {most * 100:g}%", "none", example)
        return None
    return found.value


def _as_cost(value: float, text: str, example: str) -> str:
    """What a bare number of a share was probably meant to be: nobody pays a tenth of the price, but many write 0.1 for
    0.1%, and 5 for five basis points."""
    if example.endswith("bp") and value >= 1:
        return f"{text}bp"
    if example in ("0.1%", "3bp", "0.05%") and value >= 0.02:
        return f"{text}%"
    return as_share(value, text)


def share(example: str, most: float = 1.0) -> Reader:
    return lambda ctx, item, name: ratio(ctx, item, example, most=most)


def rate(periods: Mapping[str, float], example: str, least: float = 0.0) -> Reader:
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
        found = ratio(ctx, item, example, least, 10.0)
        return found * periods[item.per] if found is not None and item.per is not None else found

    return reader


def money(ctx: Context, item: ast.Setting, name: str) -> Read:
    return paid_in(ctx, item)


def paid_in(ctx: Context, item: ast.Setting) -> float | None:
    found = read(ctx, item, "an amount of money", "1 USD")
    if found is None:
        return None
    if found.unit not in ("money", "none", "price") or found.value < 0:
        wrong(ctx, item, "an amount of money", found.words if found.value >= 0 else "below zero", "1 USD")
        return None
    return found.value


def count(least: float, *, whole: bool, units: tuple[str, ...] = ("none",), example: str = "1") -> Reader:
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
            wrong(ctx, item, f"{wanted} from {least:g} on", found.amiss(*units), example)
            return None
        return int(found.value) if whole else found.value

    return reader


def truth(ctx: Context, item: ast.Setting, name: str) -> Read:
    word = words(ctx, item)
    if word in ("yes", "no", "on", "off"):
        wrong(ctx, item, "`true` or `false`", "neither", "true" if word in ("yes", "on") else "false")
        return None
    found = read(ctx, item, "`true` or `false`", "true")
    if found is None:
        return None
    if found.unit != "truth":
        wrong(ctx, item, "`true` or `false`", found.words, "true")
        return None
    return found.value == 1.0


def choice(*known: str, **spellings: str) -> Reader:
    def reader(ctx: Context, item: ast.Setting, name: str) -> Read:
        word = words(ctx, item)
        word = spellings.get(word, word)
        if word in known:
            return word
        unknown_choice(ctx, item, word, known)
        return None

    return reader


def unknown_choice(ctx: Context, item: ast.Setting, word: str, known: tuple[str, ...], *, quoted: bool = False) -> None:
    span = item.value.span if item.value is not None else item.span
    near = ctx.near(word, known) or (known[0] if 0 < len(known) < 4 else None)
    mark = '"' if quoted else ""
    help = f"write `{item.name}: {mark}{near}{mark}`" if near else f"write one of {', '.join(known)}"
    ctx.report(
        codes.UNKNOWN_CHOICE,
        span,
        word=word or ctx.text_of(span),
        known=", ".join(f"`{each}`" for each in known),
        help=help,
    )
