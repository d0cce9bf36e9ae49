"""What could be written at a place, asked of the parser itself: the tables say which words may stand there, the names
of the program which values and functions do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lingua.analysis.chunks import Place
from lingua.analysis.documentation import (
    TIMEFRAMES,
    TYPES,
    UNITS,
    fn_signature,
    function_documentation,
    settings,
    signature,
    symbol_documentation,
    value_documentation,
    word_documentation,
)
from lingua.analysis.meaning import meaning
from lingua.analysis.names import Space
from lingua.analysis.pieces import AROUND
from lingua.analysis.view import Symbol, View
from lingua.diagnostics.diagnostic import Problems
from lingua.semantics.imports import STD
from lingua.syntax import nodes as ast
from lingua.syntax.blocks import words_by_block
from lingua.syntax.builder import TreeBuilder
from lingua.syntax.lalr import Lexer, Machine, TooDeep
from lingua.syntax.recovery import Recovery
from lingua.syntax.scanner import WORD, Scan, Token, scan
from lingua.syntax.source import Source, Span
from lingua_grammar.tables import END, load

DEEPEST = 500
MOST_NAMES = 150
"""Names of the program that are offered, the nearest ones; more letters bring up the others."""
FARTHEST = 20_000
"""Characters before the cursor that are parsed; what stands before them does not matter to an item."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to write. `kind` names what it is; `snippet` has places to fill in; `symbol` finds its documentation
    again. `order` sorts, smaller first."""

    label: str
    kind: str
    detail: str = ""
    insert: str = ""
    snippet: str = ""
    order: int = 5
    symbol: Symbol | None = None


@dataclass(slots=True)
class Context:
    """Where the cursor stands. `span` is the part of a word before it, which a choice replaces."""

    view: View
    index: int
    span: Span
    before: list[Token]
    machine: Machine | None
    accepted: frozenset[str] = frozenset()
    strategy: int = -1
    path: str | None = None
    """The text of the path before the cursor, inside the quotes of an import."""
    files: tuple[str, ...] = field(default=())


def complete(view: View, offset: int) -> tuple[Span, list[Candidate]]:
    """The part of a word that a choice replaces, and the choices, best first."""
    ctx = context(view, offset)
    if ctx is None:
        return Span(offset, offset), []
    found: dict[tuple[str, str], Candidate] = {}
    for each in _candidates(ctx):
        found.setdefault((each.label, each.kind), each)
    return ctx.span, sorted(found.values(), key=lambda each: (each.order, each.label))


def fits(typed: str, label: str) -> bool:
    """Whether the letters typed stand in the label in this order, the first at its start or behind a `_`."""
    if not typed:
        return True
    lower = label.lower()
    if not (lower.startswith(typed[0]) or f"_{typed[0]}" in lower or '"' in lower or "/" in lower):
        return False
    rest = iter(lower)
    return all(letter in rest for letter in typed)


def context(view: View, offset: int) -> Context | None:
    """None inside a comment or a text in quotes, where nothing is to be completed."""
    index = view.chunk_at(max(offset - 1, 0))
    chunk = view.chunks[index]
    text = view.source.text
    start = offset
    while start > chunk.start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    head, _ = AROUND[chunk.place]
    before = text[max(chunk.start, start - FARTHEST) : start]
    scanned = scan(Source("", head + before))
    quoted = _open_string(before)
    if quoted is not None:
        return _in_string(view, index, offset, quoted, scanned)
    if _in_comment(scanned):
        return None
    tokens = [token for token in scanned.tokens if token.kind != END]
    machine = _machine_at(scanned)
    accepted = frozenset(kind for kind in machine.row if machine.accepts(kind)) if machine is not None else frozenset()
    strategy = chunk.owner if chunk.owner >= 0 else _strategy_of_test(view, index)
    return Context(view, index, Span(start, offset), tokens, machine, accepted, strategy)


def _machine_at(scanned: Scan) -> Machine | None:
    """The parser when it has read all tokens but the end; mistakes before are mended as in any parse."""
    scanned.tokens[-1:] = [Token(END, "", len(scanned.text), len(scanned.text))]
    problems = Problems(Source("", scanned.text))
    machine = Machine(TreeBuilder(problems, ()), "start", DEEPEST)
    lexer = Lexer(scanned, machine)
    recovery = Recovery(machine, lexer, problems)
    last = len(lexer.raw) - 2
    while True:
        token, following = lexer.peek()
        if token.kind == END:
            return machine
        if lexer.index == last and lexer.raw[last].kind == WORD:
            token = _opening_word(token, machine, scanned.text)
        try:
            if recovery.intercepted(token):
                continue
            if machine.feed(token):
                lexer.index = following
            else:
                recovery.refused(token)
        except TooDeep:
            return None
        if recovery.finished:
            return None


CLAUSES = ("_WITH", "_ON", "_AT_ORDER", "_TAG", "LEVEL", "FIXED", "MODE", "_RISK_OF", "_AT_BAR")
"""Keywords only for what follows them, which is still to be written; they do not begin an item."""


def _opening_word(token: Token, machine: Machine, text: str) -> Token:
    """The last word before the cursor as the keyword it would be with the right words after it."""
    word = token.text.split()[0]
    is_first = not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip()
    for kind, pattern, *_ in load().words.get(word, []):
        if pattern is not None and machine.accepts(kind) and (kind in CLAUSES or (is_first and kind in item_kinds())):
            return Token(kind, token.text, token.start, token.end)
    return token


@cache
def item_kinds() -> frozenset[str]:
    """Terminals that begin an item of a file, a strategy, a test or a portfolio."""
    found: set[str] = set()
    for words in words_by_block().values():
        for word in words:
            found |= {kind for kind, *_ in load().words[word] if kind not in CLAUSES}
    return frozenset(found)


def _open_string(before: str) -> str | None:
    """The text since the quote that is open at the end; None when none is."""
    line = before[before.rfind("\n") + 1 :]
    is_open, start, place = False, 0, 0
    while place < len(line):
        if line[place] == "\\" and is_open:
            place += 1
        elif line[place] == '"':
            is_open, start = not is_open, place + 1
        elif not is_open and (line.startswith("//", place) or line[place] == "#"):
            return None
        place += 1
    return line[start:] if is_open else None


def _in_comment(scanned: Scan) -> bool:
    if scanned.unclosed_comment is not None:
        return True
    last = scanned.comments[-1] if scanned.comments else None
    return last is not None and last.text[:2] != "/*" and "\n" not in scanned.text[last.span.start :]


def _in_string(view: View, index: int, offset: int, quoted: str, scanned: Scan) -> Context | None:
    tokens = [token for token in scanned.tokens if token.kind != END]
    if len(tokens) < 2 or tokens[-2].text != "import":
        return None
    names = [f"std/{each.stem}" for each in sorted(STD.glob("*.lingua"))]
    folder = view.path.parent if view.path is not None else None
    try:
        for pattern in ("*.lingua", "*/*.lingua") if folder is not None else ():
            found = sorted(folder.glob(pattern))[:500] if folder is not None else []
            names += [each.relative_to(folder).as_posix() for each in found if each != view.path and folder is not None]
    except OSError:
        pass
    start = offset - len(quoted)
    return Context(view, index, Span(start, offset), tokens, None, path=quoted, files=tuple(names))


def _strategy_of_test(view: View, index: int) -> int:
    """The strategy whose names a test sees."""
    strategies = list(view.strategies())
    for item in view.pieces[index].items:
        if isinstance(item, ast.Test):
            for opening, strategy in strategies:
                if strategy.name == item.strategy:
                    return opening
    is_test = view.pieces[index].text.lstrip().startswith("test")
    return strategies[0][0] if is_test and strategies else -1


# --- candidates --------------------------------------------------------------------------------------


def _candidates(ctx: Context) -> Iterator[Candidate]:
    if ctx.path is not None:
        for name in ctx.files:
            yield Candidate(name, "file")
        return
    last = ctx.before[-1] if ctx.before else None
    if last is not None and last.kind == "DOT":
        yield from _after_dot(ctx)
        return
    typed = ctx.view.source.text[ctx.span.start : ctx.span.end]
    if typed[:1].isdigit():
        yield from _behind_digits(ctx, typed)
        return
    if _wants_type(ctx):
        yield from (Candidate(name, "type", text, order=1) for name, text in TYPES.items())
        return
    if last is not None and last.kind == "AT":
        yield from _clocks(ctx)
        return
    if last is not None and last.kind == "NUMBER":
        yield from _units(ctx)
    block = _block(ctx)
    if block is not None and ({"KEY", "NAME"} & ctx.accepted) and _starts_entry(ctx):
        yield from _settings(ctx, block)
        return
    if block is not None and last is not None and last.kind == "COLON":
        yield from _setting_values(ctx, block)
    if _names_something_new(ctx):
        return
    if _is_side(ctx):
        yield Candidate("when", "word", order=0)
        return
    yield from _words(ctx)
    if _wants_symbol(ctx):
        yield from _symbols(ctx)
    elif _on_new_line(ctx) and ctx.accepted & {"_INDICATOR", "_STRATEGY"}:
        return  # an expression could go on here, though nobody would begin a line with it
    elif "NAME" in ctx.accepted and ctx.accepted & {"NUMBER", "LPAR"}:
        call = call_at(ctx.before)
        if call is not None and call[0] == "fired":
            yield from _rules(ctx)
            return
        yield from _arguments(ctx)
        yield from _values(ctx)
        yield from _functions(ctx)
    elif "NAME" in ctx.accepted:
        yield from _other_names(ctx)


def _after_dot(ctx: Context) -> Iterator[Candidate]:
    """Parts of what stands before the dot."""
    owner = ctx.before[-2] if len(ctx.before) > 1 else None
    if owner is not None and owner.kind == "RPAR":
        yield from _parts_of_call(ctx)
    if owner is None or owner.kind != WORD:
        return
    name = owner.text
    view = ctx.view
    for _, item in view.imports:
        if item.alias == name:
            module = view.module(item.path)
            if module is not None:
                yield from _exports(module)
            return
    if name == "cs":
        for each in ("rank", "zscore", "winsor"):
            yield Candidate(each, "function", function_documentation(f"cs.{each}"), snippet=f"{each}(${{1:x}})")
        return
    definition = view.definitions.get((ctx.strategy, Space.VALUE, name))
    kind = definition.use.kind if definition is not None else ""
    from lingua.semantics import observables

    if kind == "data":
        for field_name in (*observables.FIELDS, *observables.AVERAGES, *observables.LEG):
            yield Candidate(field_name, "field", f"{name}.{field_name}", order=2)
        return
    if kind == "signal":
        yield from (Candidate(part, "field", f"{name}.{part}", order=1) for part in ("side", "confidence", "value"))
        return
    if name == "time":
        yield from (Candidate(part, "field", order=1) for part in observables.TIME_PARTS)
        return
    if name in ("orders", "fills", "trades") and definition is None:
        from lingua.semantics.observing import COUNTS

        yield from (Candidate(part, "field", order=1) for part in COUNTS[name])
        return
    yield from _parts_of_record(ctx, name, definition.chunk if definition is not None else -1)


def _parts_of_record(ctx: Context, name: str, chunk: int) -> Iterator[Candidate]:
    from lingua.semantics.values import Record, Scalar

    if chunk >= 0:
        means = meaning(ctx.view, [chunk])
        for elaborated in means.part.elaboration.elaborated:
            entry = elaborated.ctx.scope.values.get(name)
            from lingua.semantics.declarations import evaluate

            value = evaluate(elaborated.ctx, entry) if entry is not None else None
            if isinstance(value, Record):
                for part, inner in value.fields:
                    detail = str(inner.node.unit) if isinstance(inner, Scalar) else ""
                    yield Candidate(part, "field", f"{name}.{part} · {detail}" if detail else "", order=1)
                return
    from lingua.indicators.registry import lookup

    spec = lookup(name)
    if spec is not None and len(spec.outputs) > 1:
        yield from (Candidate(each.name, "field", f"{name}(…).{each.name}", order=1) for each in spec.outputs)


def _parts_of_call(ctx: Context) -> Iterator[Candidate]:
    """Parts of what a function gives: `bbands(close, 20, 2).`"""
    depth = 0
    for place in range(len(ctx.before) - 2, 0, -1):
        depth += (ctx.before[place].kind == "RPAR") - (ctx.before[place].kind == "LPAR")
        if depth == 0:
            name = ctx.before[place - 1].text
            if ctx.before[place - 2].kind == "DOT":
                name = f"{ctx.before[place - 3].text}.{name}"
            found = user_function(ctx.view, name)
            if found is None:
                yield from _parts_of_record(ctx, name, -1)
            elif isinstance(found[1], ast.Fn) and isinstance(found[1].result, ast.Call):
                for arg in found[1].result.args:
                    if arg.name is not None:
                        yield Candidate(arg.name, "field", f"{name}(…).{arg.name}", order=1)
            return


def _exports(module: View) -> Iterator[Candidate]:
    for (owner, space, name), found in module.definitions.items():
        if owner < 0 and space is Space.FUNCTION:
            yield _function_candidate(
                module, found.chunk, name, Symbol(module.name, -1, space, name, found.use.kind), 1
            )
        elif owner < 0 and found.use.kind == "const":
            symbol = Symbol(module.name, -1, space, name, "const")
            yield Candidate(name, "const", order=1, symbol=symbol)


def _units(ctx: Context) -> Iterator[Candidate]:
    for unit, text in UNITS.items():
        yield Candidate(unit, "unit", text, order=0)


def _behind_digits(ctx: Context, typed: str) -> Iterator[Candidate]:
    """What a number that is being typed may become: a share, a length of time, a count of something."""
    digits = typed[: len(typed) - len(typed.lstrip("0123456789"))]
    if "DURATION" in ctx.accepted:
        for unit, meant in DURATIONS.items():
            yield Candidate(f"{digits}{unit}", "timeframe", meant, order=1)
    if "PERCENT" in ctx.accepted:
        yield Candidate(f"{digits}%", "unit", "a share", order=0)
        yield Candidate(f"{digits}bp", "unit", "basis points", order=2)
    if "RMULT" in ctx.accepted:
        yield Candidate(f"{digits}R", "unit", "multiples of the initial risk", order=2)
    if "UNITNUM" in ctx.accepted:
        for unit, meant in UNITS.items():
            yield Candidate(f"{digits} {unit}", "unit", meant, order=1)


def _wants_type(ctx: Context) -> bool:
    """After `let x:`, `n:` in the inputs of a function, or `->`."""
    if ctx.before and ctx.before[-1].kind == "GIVES":
        return True
    if len(ctx.before) < 2 or ctx.before[-1].kind != "COLON" or "NAME" not in ctx.accepted:
        return False
    return not ctx.accepted & {"NUMBER", "STRING"}


def _clocks(ctx: Context) -> Iterator[Candidate]:
    """Timeframes, and names that stand for one or for other bars."""
    for text, meant in TIMEFRAMES.items():
        yield Candidate(text, "timeframe", meant, order=2)
    for (owner, space, name), found in ctx.view.definitions.items():
        if owner == ctx.strategy and space is Space.VALUE:
            is_clock = found.use.kind == "data" or (found.use.kind == "param" and _is_timeframe(ctx.view, found.chunk))
            if is_clock:
                symbol = Symbol(ctx.view.name, owner, space, name, found.use.kind)
                yield Candidate(name, found.use.kind, order=1, symbol=symbol)


def _is_timeframe(view: View, chunk: int) -> bool:
    return any(
        isinstance(item, ast.Param) and isinstance(item.default, ast.Duration) for item in view.pieces[chunk].items
    )


def _block(ctx: Context) -> str | None:
    """`risk`, `execution`, `optimize` or `protect`, when the cursor is inside its braces."""
    machine = ctx.machine
    if machine is None:
        return None
    for place in range(len(machine.states) - 1, 0, -1):
        if machine.symbol(place) == "LBRACE":
            opener = machine.symbol(place - 1).removeprefix("_").lower()
            return opener if opener in ("risk", "execution", "optimize", "protect") else None
    return None


def _starts_entry(ctx: Context) -> bool:
    """Whether an entry of a block begins here: behind its brace, a separator, or on a line of its own."""
    last = ctx.before[-1]
    if last.kind in ("LBRACE", "SEMICOLON", "COMMA"):
        return True
    return "\n" in ctx.view.source.text[: ctx.span.start][-_gap(ctx) :]


def _gap(ctx: Context) -> int:
    text = ctx.view.source.text[: ctx.span.start]
    return len(text) - len(text.rstrip()) or 1


OPTIMIZE = {
    "objective": ("objective: sharpe", "The figure to make as large as possible."),
    "folds": ("folds: walk_forward(train: 365d, test: 90d)", "How the data is divided."),
    "trials": ("trials: 200", "How many combinations are tried."),
    "method": ("method: grid", "How combinations are chosen."),
    "seed": ("seed: 1", "Makes the choice repeatable."),
}


def _settings(ctx: Context, block: str) -> Iterator[Candidate]:
    if block == "protect":
        yield from _words(ctx)
        return
    known = OPTIMIZE if block == "optimize" else settings(block)
    for name, (written, text) in known.items():
        rest = written[len(name) :]
        yield Candidate(name, "setting", text.split(". ")[0], insert=written, snippet=f"{name}{_fill(rest)}", order=1)


WORDS_OF = {
    "limit_fill": ("through", "touch"), "size_at": ("decision", "fill"), "stops_from": ("fill", "next_bar"),
    "intrabar": ("adverse", "favourable"), "warmup": ("ready", "settled"), "leavers": ("close", "hold"),
    "fill_on": ("open",),
}  # fmt: skip
"""Settings that take one of a few words."""


def _setting_values(ctx: Context, block: str) -> Iterator[Candidate]:
    """What may stand behind the colon of a setting."""
    name = ctx.before[-2].text if len(ctx.before) > 1 else ""
    found: tuple[str, ...] = WORDS_OF.get(name, ()) if block == "execution" else ()
    if block == "execution" and name == "fees":
        from lingua.trading.fees import PRESETS

        found = tuple(f'"{each}"' for each in sorted(PRESETS))
    elif block == "execution" and name == "profile":
        from lingua.trading.profiles import PROFILES

        found = tuple(sorted(PROFILES))
    elif block == "optimize":
        from lingua.semantics.optimizing import METHODS, OBJECTIVES

        found = {"objective": OBJECTIVES, "method": METHODS}.get(name, ())
    for each in found:
        yield Candidate(each, "period", order=0)


def _is_side(ctx: Context) -> bool:
    """Behind `signal x = long`, where only `when` makes sense."""
    if len(ctx.before) < 2 or ctx.before[-1].text not in ("long", "short", "flat"):
        return False
    return ctx.before[-2].kind in ("EQUAL", "COMMA") and any(token.text == "signal" for token in ctx.before)


def _fill(rest: str) -> str:
    """` 15% => halt` with its value to be filled in."""
    words = rest.split(" ", 2)
    if len(words) < 2:
        return rest
    tail = f" {words[2]}" if len(words) > 2 else ""
    return f"{words[0]} ${{1:{words[1]}}}{_escaped(tail)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


DURATIONS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks", "mo": "months"}
NEW_NAME = (
    "let", "param", "parameter", "indicator", "rule", "state", "signal", "filter", "data", "strategy", "fn", "const",
    "portfolio", "alert", "universe", "as",
)  # fmt: skip


def _names_something_new(ctx: Context) -> bool:
    last = ctx.before[-1] if ctx.before else None
    if last is None or last.kind != WORD or last.text not in NEW_NAME or ctx.machine is None:
        return False
    return ctx.accepted <= {"NAME", "LPAR"}


ITEM_SNIPPETS = {
    "strategy": "strategy ${1:Name} {\n  trade ${2:AAPL} @ ${3:1d}\n\n"
    "  rule ${4:enter}: ${5:close > open} => buy risk 1% with stop ${6:2 * atr(14)}\n}",
    "rule": "rule ${1:enter}: ${2:close > open} => ${3:buy}",
    "param": "param ${1:length} = ${2:14} in ${3:5}..${4:50}",
    "parameter": "parameter ${1:length} = ${2:14} in ${3:5}..${4:50}",
    "indicator": "indicator ${1:name} = ${2:ema(close, 20)}",
    "let": "let ${1:name} = ${2:close}",
    "state": "state ${1:name} = ${2:0} => ${3:prev + 1}",
    "signal": "signal ${1:name} = long when ${2:close > open}, short when ${3:close < open}",
    "filter": "filter ${1:name}: ${2:volume > 0}",
    "data": "data ${1:other} = ${2:BTCUSDT} @ ${3:1h}",
    "trade": "trade ${1:AAPL} @ ${2:1d}",
    "size": "size: ${1:10% of equity}",
    "require": "require: ${1:fast < slow}",
    "plot": "plot: ${1:close}",
    "direction": "direction ${1|both,long,short|}",
    "pyramid": "pyramid ${1:4} step ${2:0.5 * atr(20)}",
    "protect": "protect { stop ${1:2 * atr(14)} }",
    "risk": "risk { ${1:max_drawdown 20% => halt} }",
    "execution": "execution { ${1:slippage: 3bp} }",
    "optimize": "optimize { objective: ${1:sharpe}; trials: ${2:200} }",
    "alert": 'alert ${1:name}: ${2:close > open} => "${3:message}"',
    "test": 'test "${1:what it proves}" for ${2:Strategy} {\n  given close = [${3:100, 101, 102}]\n'
    "  expect ${4:eventually position > 0}\n}",
    "import": 'import "${1:std/cloud}" as ${2:c}',
    "fn": "fn ${1:name}(${2:x}) = ${3:x}",
    "const": "const ${1:NAME} = ${2:1}",
    "lingua": "lingua 1",
    "given": "given close = [${1:100, 101, 102}]",
    "expect": "expect ${1:eventually} ${2:position > 0}",
}
ORDER_SNIPPETS = {
    "buy": "buy ${1:risk 1%} with stop ${2:2 * atr(14)}",
    "short": "short ${1:risk 1%} with stop ${2:2 * atr(14)}",
    "with": "with stop ${1:2 * atr(14)}",
    "stop": "stop ${1:2 * atr(14)}",
    "target": "target ${1:2R}",
    "trail": "trail ${1:3 * atr(14)}",
    "if": "if ${1:close > open} then ${2:1} else ${3:0}",
    "match": "match { ${1:close > open} => ${2:1}, else => ${3:0} }",
}
EXPANDED = {
    "expire after": "expire after ${1:20 bars}", "from last": "from last", "up to": "up to ${1:60}",
    "crosses above": "crosses above", "crosses below": "crosses below", "at bar": "at bar ${1:0}",
    "is na": "is na",
}  # fmt: skip
OPERATORS = frozenset({"_AND", "_OR", "_IS", "_IN", "CROSSES", "CROSSES_ABOVE", "CROSSES_BELOW"})


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """(word as it is written out, terminal) of every word of the language."""
    found: list[tuple[str, str]] = []
    written = {
        "_EXPIRE": "expire after", "FROM_LAST": "from last", "_UP_TO": "up to", "CROSSES_ABOVE": "crosses above",
        "CROSSES_BELOW": "crosses below", "_AT_BAR": "at bar", "_EXTERN": "extern fn",
    }  # fmt: skip
    for word, kinds in load().words.items():
        for kind, *_ in kinds:
            if kind == "SIDE_WHEN":
                found.append((f"{word} when", kind))
            elif kind == "FOLD":
                found.append((f"{word} over", kind))
            elif kind in written:
                found.append((written[kind], kind))
            else:
                found.append((word, kind))
    return tuple(dict.fromkeys(found))


def _words(ctx: Context) -> Iterator[Candidate]:
    """Words of the language that may stand here."""
    is_item = bool(ctx.accepted & {"_INDICATOR", "_STRATEGY", "_GIVEN", "_CAPITAL"}) and _on_new_line(ctx)
    is_behind_verb = "_WITH" in ctx.accepted
    for word, kind in _spellings():
        if kind not in ctx.accepted or kind.endswith("_WORD") or kind in ("KEY", "WORD"):
            continue
        if word in ("optimise", "parameter", "bar", "over") or (
            kind in ("CROSSES_ABOVE", "CROSSES_BELOW") and "er" in word
        ):
            continue
        if kind in item_kinds() and not is_item:
            continue
        snippet = ORDER_SNIPPETS.get(word, "") if not (word in ITEM_SNIPPETS and is_item) else ITEM_SNIPPETS[word]
        snippet = snippet or EXPANDED.get(word, "")
        if kind == "FOLD":
            snippet = f"{word} (${{1:i}} in ${{2:0}}..${{3:9}}: ${{4:close[i]}})"
        order = 1 if kind in OPERATORS or kind in ("VERB", "CANCEL", "BASE", "PLAIN_ORDER") or is_behind_verb else 3
        if is_item:
            order = 1 if kind in item_kinds() else 6
        elif is_behind_verb and kind in OPERATORS:
            order = 4
        yield Candidate(word, "word", snippet=snippet, order=order)


def _on_new_line(ctx: Context) -> bool:
    text = ctx.view.source.text
    line = text[text.rfind("\n", 0, ctx.span.start) + 1 : ctx.span.start]
    return not line.strip() or line.rstrip().endswith(("{", ";"))


def _wants_symbol(ctx: Context) -> bool:
    """After `trade`, `on`, `data x =`: what is traded, not a value."""
    return {"STRING", "NAME"} <= ctx.accepted and not ctx.accepted & {"NUMBER", "LPAR"}


def _symbols(ctx: Context) -> Iterator[Candidate]:
    """Symbols of the project file and of the program, and names of `data`."""
    for (owner, space, name), found in ctx.view.definitions.items():
        if owner == ctx.strategy and space is Space.VALUE and found.use.kind == "data":
            yield Candidate(name, "data", order=1, symbol=Symbol(ctx.view.name, owner, space, name, "data"))
    for name in _project_symbols(ctx.view.path):
        yield Candidate(name if name.isidentifier() else f'"{name}"', "symbol", "lingua.toml", order=2)
    seen = {
        symbol.name
        for _, item in ctx.view.items()
        if isinstance(item, ast.Trade | ast.Data)
        for symbol in (item.symbols if isinstance(item, ast.Trade) else (item.symbol,))
    }
    for name in sorted(seen):
        yield Candidate(name if name.isidentifier() else f'"{name}"', "symbol", "in this file", order=3)


def _project_symbols(path: Path | None) -> list[str]:
    """Symbols that the `lingua.toml` above a file describes."""
    import tomllib

    for folder in path.parents if path is not None else ():
        file = folder / "lingua.toml"
        try:
            if not file.is_file():
                continue
            data = tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        symbols = data.get("symbols")
        return sorted(symbols) if isinstance(symbols, dict) else []
    return []


def _rules(ctx: Context) -> Iterator[Candidate]:
    for (owner, space, name), found in ctx.view.definitions.items():
        if owner == ctx.strategy and space is Space.RULE:
            yield Candidate(name, "rule", order=0, symbol=Symbol(ctx.view.name, owner, space, name, found.use.kind))


def _arguments(ctx: Context) -> Iterator[Candidate]:
    """Names of the inputs of the call the cursor is in."""
    call = call_at(ctx.before)
    if call is None or ctx.before[-1].kind not in ("LPAR", "COMMA"):
        return
    for name in parameter_names(ctx.view, call[0]):
        if name not in call[2]:
            yield Candidate(f"{name}:", "argument", insert=f"{name}: ", order=2)


def _values(ctx: Context) -> Iterator[Candidate]:
    view = ctx.view
    from lingua.semantics import observables

    seen: set[str] = set()
    for use in view.pieces[ctx.index].uses:
        place = view.chunks[ctx.index].start + use.start
        if use.binder >= 0 and use.kind and place < ctx.span.start:
            seen.add(use.name)
            yield Candidate(use.name, "variable", use.kind, order=0)
    typed = view.source.text[ctx.span.start : ctx.span.end].lower()
    own = [
        (abs(found.chunk - ctx.index), name, owner, found.use.kind)
        for (owner, space, name), found in view.definitions.items()
        if space is Space.VALUE and owner in (ctx.strategy, -1) and found.chunk != ctx.index and name not in seen
    ]  # fmt: skip
    if len(own) > MOST_NAMES:
        own = [each for each in own if fits(typed, each[1])]
    for _, name, owner, kind in sorted(own)[:MOST_NAMES]:
        yield Candidate(name, kind, kind, order=1, symbol=Symbol(view.name, owner, Space.VALUE, name, kind))
    for _, item in view.imports:
        module = view.module(item.path) if item.alias is None else None
        if module is not None:
            yield from _exports(module)
    if ctx.strategy >= 0 or view.chunks[ctx.index].place is not Place.FILE or _in_fn(view, ctx.index):
        for name in observables.NAMES:
            known = observables.FIELDS.get(name) or observables.ACCOUNT.get(name)
            if known is None or known.kind.value != "string":
                order = 3 if name in observables.FIELDS or name in observables.AVERAGES else 4
                yield Candidate(name, "builtin", known.summary if known else "", order=order, symbol=_builtin(name))
    if any(item for item in view.pieces[ctx.index].items if isinstance(item, ast.State)) or _in_state(ctx):
        yield Candidate("prev", "builtin", "the last value of this state", order=0)
    if _in_test(ctx):
        for (owner, space, name), _found in view.definitions.items():
            if owner == ctx.strategy and space is Space.RULE:
                yield Candidate(f"fired({name})", "observation", "whether the rule acted", order=1)
        for name in ("orders", "fills", "trades", "warmup", "ready_bar"):
            yield Candidate(name, "observation", order=2)


def _builtin(name: str) -> Symbol:
    return Symbol("", -1, Space.VALUE, name, "builtin")


def _in_fn(view: View, index: int) -> bool:
    return view.pieces[index].text.lstrip().startswith("fn") or any(
        isinstance(item, ast.Fn) for item in view.pieces[index].items
    )


def _in_state(ctx: Context) -> bool:
    return any(token.text == "state" for token in ctx.before[:4])


def _in_test(ctx: Context) -> bool:
    text = ctx.view.pieces[ctx.index].text
    return any(isinstance(item, ast.Test) for item in ctx.view.pieces[ctx.index].items) or "expect" in text


def _functions(ctx: Context) -> Iterator[Candidate]:
    view = ctx.view
    for (owner, space, name), found in view.definitions.items():
        if space is Space.FUNCTION and owner < 0:
            yield _function_candidate(view, found.chunk, name, Symbol(view.name, -1, space, name, found.use.kind), 2)
    yield from builtin_functions()


def _function_candidate(view: View, chunk: int, name: str, symbol: Symbol, order: int) -> Candidate:
    for item in view.pieces[chunk].items:
        if isinstance(item, ast.Fn | ast.Extern) and item.name == name:
            inputs = ", ".join(f"${{{place}:{param.name}}}" for place, param in enumerate(item.params, 1))
            return Candidate(
                name, "function", fn_signature(item), insert=name, snippet=f"{name}({inputs})", order=order,
                symbol=symbol,
            )  # fmt: skip
    return Candidate(name, "function", order=order, symbol=symbol)


@cache
def builtin_functions() -> tuple[Candidate, ...]:
    from lingua.indicators.registry import lookup, names
    from lingua.semantics import builtins, helpers, observables

    found: list[Candidate] = []
    for name in dict.fromkeys((*names(), *builtins.FUNCTIONS, *helpers.FUNCTIONS)):
        if name == "lead" or (name in builtins.FUNCTIONS and name in observables.TIME_PARTS):
            continue
        spec = lookup(name)
        order = 6 if spec is not None and spec.group.startswith("candle") else 5
        symbol = Symbol("", -1, Space.FUNCTION, name, "builtin")
        found.append(
            Candidate(
                name, "function", signature(name), insert=name, snippet=_call_snippet(name), order=order, symbol=symbol
            )
        )
    return tuple(found)


def _call_snippet(name: str) -> str:
    from lingua.indicators.registry import lookup

    spec = lookup(name)
    if spec is None:
        inside = signature(name)[len(name) + 1 : -1]
        words = [word for word in inside.split(", ") if word not in ("…", "zone")] if inside else []
        return f"{name}({', '.join(f'${{{place}:{word}}}' for place, word in enumerate(words, 1))})"
    words = [each.default or "close" for each in spec.inputs if not each.is_implicit]
    for each in spec.parameters[:2]:
        words.append(str(20 if each.default is None else each.default))
    return f"{name}({', '.join(f'${{{place}:{word}}}' for place, word in enumerate(words, 1))})"


def _other_names(ctx: Context) -> Iterator[Candidate]:
    """A name of another kind: a rule to cancel, a strategy to test, a period, a direction."""
    last = ctx.before[-1].text if ctx.before else ""
    wanted = {"cancel": Space.RULE, "for": Space.STRATEGY, "run": Space.STRATEGY}.get(last)
    if wanted is not None:
        for (owner, space, name), found in ctx.view.definitions.items():
            if space is wanted and owner in (-1, ctx.strategy):
                yield Candidate(
                    name, str(space), order=0, symbol=Symbol(ctx.view.name, owner, space, name, found.use.kind)
                )
    elif last == "every":
        from lingua.semantics.rules import PERIODS

        yield from (Candidate(name, "period", order=0) for name in PERIODS)
        yield from _clocks(ctx)
    elif last == "direction":
        yield from (Candidate(name, "word", order=0) for name in ("long", "short", "both"))
    elif last == "given":
        yield from (
            Candidate(name, "field", order=0) for name in ("close", "open", "high", "low", "volume", "bars", "lead")
        )


# --- calls -------------------------------------------------------------------------------------------


def call_at(tokens: list[Token]) -> tuple[str, int, tuple[str, ...], str] | None:
    """The innermost call that is open behind `tokens`: its function, the number of the argument, the names given so
    far, and the name of the argument the cursor is in ("" for one by place)."""
    depth = 0
    count = 0
    given: list[str] = []
    current = ""
    for place in range(len(tokens) - 1, 0, -1):
        kind = tokens[place].kind
        if kind in ("RPAR", "RSQB", "RBRACE"):
            depth += 1
        elif kind in ("LSQB", "LBRACE") and depth == 0:
            return None
        elif kind in ("LPAR", "LSQB", "LBRACE"):
            if depth:
                depth -= 1
                continue
            if tokens[place - 1].kind != WORD or tokens[place - 1].end != tokens[place].start:
                return None
            name = tokens[place - 1].text
            if place > 2 and tokens[place - 2].kind == "DOT":
                name = f"{tokens[place - 3].text}.{name}"
            return name, count, tuple(given), current
        elif kind == "COMMA" and depth == 0:
            count += 1
        elif kind == "COLON" and depth == 0 and tokens[place - 1].kind == WORD:
            given.append(tokens[place - 1].text)
            if count == 0:
                current = tokens[place - 1].text
    return None


def parameter_names(view: View, function: str) -> list[str]:
    """Names of the inputs and parameters of a function, in order."""
    from lingua.indicators.registry import lookup

    fn = user_function(view, function)
    if fn is not None:
        return [param.name for param in fn[1].params]
    spec = lookup(function)
    if spec is not None:
        inputs = [each.name for each in spec.inputs if not each.is_implicit]
        return [*inputs, *(each.name for each in spec.parameters)]
    written = signature(function)
    inside = written[len(function) + 1 : -1] if written else ""
    return [word for word in inside.split(", ") if word.isidentifier()]


def user_function(view: View, function: str) -> tuple[View, ast.Fn | ast.Extern] | None:
    """The function of this program or of an import under the name it is called by, with the view it stands in."""
    alias, _, name = function.rpartition(".")
    symbol = (
        view._of_module(alias, Space.FUNCTION, name)
        if alias
        else view._defined(-1, Space.FUNCTION, name) or view.imported(Space.FUNCTION, name)
    )
    home = view.home(symbol) if symbol is not None else None
    place = home.definition(symbol) if home is not None and symbol is not None else None
    if home is None or place is None:
        return None
    for item in home.pieces[place.chunk].items:
        if isinstance(item, ast.Fn | ast.Extern) and item.name == name:
            return home, item
    return None


def documentation(view: View, candidate_kind: str, label: str, symbol: Symbol | None) -> str:
    """Markdown for a candidate, asked for when it is looked at."""
    if symbol is not None:
        return symbol_documentation(view, symbol)
    if candidate_kind == "word":
        return word_documentation(label.split()[0])
    if candidate_kind == "setting":
        for block in ("risk", "execution"):
            if label in settings(block):
                written, text = settings(block)[label]
                return f"```lingua\n{written}\n```\n\n{text}"
    if candidate_kind == "builtin":
        return value_documentation(label)
    return ""
