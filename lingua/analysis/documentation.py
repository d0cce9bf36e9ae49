"""What the names of the language and of a program mean, as Markdown."""

from __future__ import annotations

from functools import cache

from lingua.analysis.chunks import Place
from lingua.analysis.names import Space
from lingua.analysis.view import Found, Symbol, View
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

TIMEFRAMES = {
    "1m": "one minute", "5m": "five minutes", "15m": "a quarter of an hour", "30m": "half an hour", "1h": "one hour",
    "2h": "two hours", "4h": "four hours", "1d": "one session", "1w": "one week", "1mo": "one month",
}  # fmt: skip
UNITS = {
    "bars": "a number of bars", "shares": "a quantity", "lots": "a quantity in lots", "contracts": "a quantity",
    "ticks": "a price distance in ticks", "USD": "an amount of money",
}  # fmt: skip
TYPES = {
    "price": "money per unit", "qty": "a quantity", "money": "an amount of money", "ratio": "a share, such as 10%",
    "duration": "a length of time", "bars": "a number of bars", "num": "a plain number", "int": "a whole number",
    "bool": "true, false or unknown", "time": "an instant", "string": "a text", "timeframe": "a bar length, such as 1h",
    "symbol": "what is traded", "series": "a value of each bar", "signal": "a side with a confidence",
    "function": "a function of a series and a length",
}  # fmt: skip


def function_documentation(name: str) -> str:
    """Of a built-in function; "" for a name that is none."""
    from lingua.indicators.describe import describe
    from lingua.indicators.registry import lookup
    from lingua.semantics.helpers import SUMMARIES

    spec = lookup(name)
    if spec is not None:
        return describe(spec)
    if name in SUMMARIES:
        return f"`{signature(name)}`\n\n{SUMMARIES[name]}"
    return word_documentation(name) or (f"`{signature(name)}`\n\n{OTHERS[name]}" if name in OTHERS else "")


OTHERS = {
    "date": "the start of a day, such as `date(\"2024-01-31\")`",
    "session": "hours of the day in a time zone: `time in session(\"09:30-16:00\", \"America/New_York\")`",
    "highest_since_entry": "highest value since the position was opened",
    "lowest_since_entry": "lowest value since the position was opened",
    "agree": "how many signals point the same way",
    "lead": "a later value, which no program may read: refused with its mend",
    "convert": "a price in another currency; needs a rate series",
    "fired": "whether a rule acted on a bar; in tests alone",
    "hour": "hour of a time", "minute": "minute of a time", "weekday": "1 (Monday) to 7", "day": "day of the month",
    "month": "month, from 1", "year": "year",
    "cs.rank": "rank among the members of a universe, 1 is the largest",
    "cs.zscore": "distance from the mean of the universe in standard deviations",
    "cs.winsor": "value limited to the given shares of the universe",
}  # fmt: skip
SIGNATURES = {
    "abs": "abs(x)", "log": "log(x)", "exp": "exp(x)", "sqrt": "sqrt(x)", "sign": "sign(x)", "floor": "floor(x)",
    "ceil": "ceil(x)", "round": "round(x)", "trunc": "trunc(x)", "min": "min(a, b, …)", "max": "max(a, b, …)",
    "clamp": "clamp(x, low, high)", "mod": "mod(a, b)", "nearest": "nearest(x, step)", "num": "num(x)",
    "date": "date(text)", "session": "session(hours, zone)", "highest_since_entry": "highest_since_entry(x)",
    "lowest_since_entry": "lowest_since_entry(x)", "developing": "developing(x, timeframe)",
    "inner": "inner(timeframe, reducer(x))", "convert": "convert(x, currency)", "fired": "fired(rule)",
    "cross_above": "cross_above(a, b)", "cross_below": "cross_below(a, b)", "cross": "cross(a, b)",
    "hour": "hour(time, zone)", "minute": "minute(time, zone)", "weekday": "weekday(time, zone)",
    "day": "day(time, zone)", "month": "month(time, zone)", "year": "year(time, zone)", "agree": "agree(a, b, …)",
}  # fmt: skip


def signature(name: str) -> str:
    """`ema(source, length = 20)` of a built-in function; "" when it is not known."""
    from lingua.indicators.describe import signature as of_spec
    from lingua.indicators.registry import lookup

    spec = lookup(name)
    return of_spec(spec) if spec is not None else SIGNATURES.get(name, "")


def word_documentation(word: str) -> str:
    """Of a word of the language."""
    from lingua.cli.words import WORDS

    found = WORDS.get({"parameter": "param", "optimise": "optimize"}.get(word, word))
    return f"```lingua\n{found[0]}\n```\n\n{found[1]}" if found is not None else ""


@cache
def settings(block: str) -> dict[str, tuple[str, str]]:
    """Names of an `execution` or `risk` block, each as it is written and what it means."""
    from lingua.cli.words import LIMITS, OPTIONS

    if block == "risk":
        return dict(LIMITS)
    if block == "execution":
        from lingua.trading.fees import PRESETS
        from lingua.trading.profiles import PROFILES

        holes = {"{presets}": sorted(PRESETS), "{profiles}": sorted(PROFILES)}
        found = {}
        for name, (written, text) in OPTIONS.items():
            for hole, names in holes.items():
                text = text.replace(hole, f"Known: {', '.join(names)}.")
            found[name] = (written, text)
        return found
    return {}


def value_documentation(name: str) -> str:
    """Of a built-in value."""
    from lingua.semantics.observables import ACCOUNT, AVERAGES, FIELDS, TIME_PARTS

    known = FIELDS.get(name) or ACCOUNT.get(name)
    if known is not None:
        unit = str(known.unit) if not known.unit.is_plain else known.kind.value
        return f"`{name}` · {unit} · series\n\n{known.summary}"
    if name in AVERAGES:
        return f"`{name}` · price · series\n\nmean of {', '.join(AVERAGES[name])}"
    if name in TIME_PARTS:
        return f"`{name}` · int · series\n\n{OTHERS[name]}, of the bar's close"
    return word_documentation(name)


# --- what a program defines ----------------------------------------------------------------------


def comment_above(view: View, offset: int) -> str:
    """The comment lines that stand directly above the line of `offset`."""
    text = view.source.text
    start = text.rfind("\n", 0, offset) + 1
    lines: list[str] = []
    while start > 0:
        previous = text.rfind("\n", 0, start - 1) + 1
        line = text[previous : start - 1].strip()
        if not line.startswith(("//", "#")):
            break
        lines.append(line.lstrip("/#").strip())
        start = previous
    return "\n".join(reversed(lines))


def item_of(view: View, found: Found) -> tuple[ast.Top | ast.Item, Span] | None:
    """The item an occurrence stands in, with its place."""
    for item in view.pieces[found.chunk].items:
        span = view.spanned(found.chunk, item.span)
        if span.start <= found.span.start < max(span.end, span.start + 1):
            return item, span
    return None


def written(view: View, found: Found) -> str:
    """The definition at `found` as it stands in the text: its first lines, or the head of a block."""
    place = item_of(view, found)
    if place is None:
        return found.use.name
    item, span = place
    text = view.source.excerpt(span).strip()
    if isinstance(item, ast.Strategy) and view.chunks[found.chunk].place is Place.OPENING:
        return f"strategy {item.name}"
    if isinstance(item, ast.Fn):
        return fn_signature(item)
    lines = text.splitlines()
    return "\n".join(lines[:6]) + ("\n…" if len(lines) > 6 else "")


def fn_signature(fn: ast.Fn | ast.Extern) -> str:
    """`fn cloud(src, fast: int, slow: int) -> band`"""
    returns = fn.returns.name if fn.returns is not None else ""
    inputs = ", ".join(input_label(param) for param in fn.params)
    word = "extern fn" if isinstance(fn, ast.Extern) else "fn"
    return f"{word} {fn.name}({inputs})" + (f" -> {returns}" if returns else "")


def input_label(param: ast.FnParam) -> str:
    label = param.name + (f": {param.type.name}" if param.type is not None else "")
    match param.default:
        case None:
            return label
        case ast.Number(text) | ast.Ratio(text):
            return f"{label} = {text}"
        case ast.Name(name):
            return f"{label} = {name}"
        case _:
            return f"{label} = …"


def symbol_documentation(view: View, symbol: Symbol) -> str:
    """Of any symbol a view knows."""
    if symbol.is_builtin:
        if symbol.space is Space.FUNCTION:
            return function_documentation(symbol.name)
        return value_documentation(symbol.name)
    home = view.home(symbol)
    place = home.definition(symbol) if home is not None else None
    if home is None or place is None:
        return ""
    if symbol.binder >= 0 and symbol.kind in ("input", "variable"):
        return f"`{symbol.name}`: {symbol.kind}"
    parts = [f"```lingua\n{written(home, place)}\n```"]
    comment = comment_above(home, place.span.start)
    if comment:
        parts.append(comment)
    if home is not view:
        parts.append(f"from `{home.path.name if home.path is not None else home.name}`")
    return "\n\n".join(parts)
