"""What an editor shows of the place under the pointer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingua.analysis.documentation import settings, symbol_documentation, word_documentation
from lingua.analysis.library import OpenText
from lingua.analysis.meaning import Known, Meaning, meaning
from lingua.analysis.names import Space
from lingua.analysis.view import Found, Symbol, View
from lingua.ir.nodes import Kind
from lingua.ir.program import ParamDecl
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

Values = Mapping[str, Sequence[float | None]]
"""The last values of each named series in the run before, oldest first."""


def hover(
    view: View, offset: int, text_of: OpenText = lambda path: None, values: Values | None = None
) -> tuple[Span, str] | None:
    """The place that is meant, and Markdown about it."""
    found = view.use_at(offset)
    if found is not None and found.use.space is not Space.FILE:
        text = _of_name(view, found, text_of, values or {})
        return (found.span, text) if text else None
    index = view.chunk_at(offset)
    start = view.chunks[index].start
    for token in view.pieces[index].tokens:
        if start + token.start <= offset < start + token.end:
            span = Span(start + token.start, start + token.end)
            text = _of_word(view, index, token.text, token.start) or _of_literal(view, index, span, text_of)
            return (span, text) if text else None
    return None


def _of_name(view: View, found: Found, text_of: OpenText, values: Values) -> str:
    symbol = view.symbol(found)
    parts: list[str] = []
    told = symbol_documentation(view, symbol) if symbol is not None else ""
    means = meaning(view, [found.chunk], text_of)
    known = _known_at(means, found)
    if known is not None and known.fact.kind != "function":
        head = (
            found.use.name if found.use.space is not Space.FUNCTION else view.source.excerpt(_call_span(means, found))
        )
        parts.append(f"`{_short(head)}` — {known.type_words}")
    param = _param(means, view, found, symbol)
    if param is not None:
        parts.append(_param_words(param))
    if told:
        parts.append(told)
    if known is not None:
        line = " · ".join(filter(None, (known.bars_words, known.as_of)))
        if line:
            parts.append(line)
    last = _last_values(found.use.name, symbol, known, values)
    if last:
        parts.append(last)
    if not parts and found.use.space is Space.PART:
        parts.append(f"`{found.use.owner}.{found.use.name}`")
    return "\n\n".join(parts)


def _call_span(means: Meaning, found: Found) -> Span:
    spans = [span for span in means.known if span.start == _head_start(found) and span.end > found.span.end]
    return min(spans, key=lambda span: span.end) if spans else found.span


def _head_start(found: Found) -> int:
    """Where the call of a function begins: at the alias before its dot."""
    if found.use.owner.startswith("."):
        return found.span.start - len(found.use.owner)
    return found.span.start


def _known_at(means: Meaning, found: Found) -> Known | None:
    if found.use.space is Space.FUNCTION:
        span = _call_span(means, found)
        return means.known.get(span) if span != found.span else None
    if found.use.space is Space.PART:
        spans = [span for span in means.known if span.end == found.span.end and span.start < found.span.start]
        return means.known[max(spans, key=lambda span: span.start)] if spans else None
    return means.known.get(found.span)


def _param(means: Meaning, view: View, found: Found, symbol: Symbol | None) -> ParamDecl | None:
    if symbol is None or symbol.kind != "param":
        return None
    return means.params.get((symbol.owner, symbol.name))


def _param_words(param: ParamDecl) -> str:
    words = [f"value in this run: **{_plain(param.value)}**"]
    if param.values is not None:
        words.append("one of " + ", ".join(map(_plain, param.values)))
    elif param.low is not None and param.high is not None:
        step = f" in steps of {_plain(param.step)}" if param.step is not None else ""
        words.append(f"from {_plain(param.low)} to {_plain(param.high)}{step}")
    return " · ".join(words)


def _last_values(name: str, symbol: Symbol | None, known: Known | None, values: Values) -> str:
    if symbol is None or symbol.space is not Space.VALUE or name not in values:
        return ""
    is_truth = known is not None and known.node is not None and known.node.kind is Kind.BOOL
    told = ["na" if v is None else (str(bool(v)).lower() if is_truth else f"{v:,.6g}") for v in values[name]]
    return "last values of the loaded data: " + ", ".join(told)


def _of_word(view: View, index: int, word: str, start: int) -> str:
    for item in view.pieces[index].items:
        block = {ast.Risk: "risk", ast.Execution: "execution"}.get(type(item))
        parts = item.limits if isinstance(item, ast.Risk) else item.settings if isinstance(item, ast.Execution) else ()
        if block and any(part.name_span.start - view.pieces[index].shift == start for part in parts):
            written, text = settings(block).get(word, ("", ""))
            return f"```lingua\n{written}\n```\n\n{text}" if text else ""
    return word_documentation(word.split()[0]) if word[:1].isalpha() else ""


def _of_literal(view: View, index: int, span: Span, text_of: OpenText) -> str:
    known = meaning(view, [index], text_of).known.get(span)
    return f"`{view.source.excerpt(span)}` — {known.type_words}" if known is not None else ""


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
