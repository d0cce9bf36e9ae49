"""Symbols of a document and of the workspace, folding and selection ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.chunks import Place
from lingua.analysis.view import View
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span
from lingua_lsp.documents import Document

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

Kind = types.SymbolKind
KINDS = {
    "strategy": Kind.Class, "portfolio": Kind.Package, "function": Kind.Function, "extern": Kind.Function,
    "const": Kind.Constant, "param": Kind.Constant, "indicator": Kind.Field, "let": Kind.Variable,
    "state": Kind.Variable, "signal": Kind.Interface, "data": Kind.Module, "universe": Kind.Array,
    "rule": Kind.Event, "filter": Kind.Boolean, "alert": Kind.String, "import": Kind.Module, "test": Kind.Method,
}  # fmt: skip
MOST_FOUND = 500
OUTLINE = "lingua.outline"
SERIES = ("indicator", "let", "state", "signal", "param")
"""Definitions that have a value at every bar."""


def register(server: LinguaServer) -> None:
    @server.on(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(
        params: types.DocumentSymbolParams,
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        tree = outline(text.view, text.document)
        return tree if server.nested_symbols else list(_flat(tree, text.document.uri, None))

    @server.command(OUTLINE)
    def runnable(*arguments: Any) -> dict[str, Any]:
        """Arguments: `{uri}`. Strategies with their rules and series, and tests, each with its range."""
        given = server.plain(arguments[0]) if arguments else {}
        text = server.space.get(str(given.get("uri", "")))
        return contents(server, text.view, text.document) if text is not None else {"strategies": [], "tests": []}

    @server.on(types.WORKSPACE_SYMBOL)
    def workspace_symbols(params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        found: list[types.WorkspaceSymbol] = []
        for text in server.space.everything():
            for (owner, _, name), place in text.view.definitions.items():
                if _fits(params.query, name):
                    around = _name_of(text.view, owner)
                    location = text.document.location(place.span)
                    kind = KINDS.get(place.use.kind, Kind.Variable)
                    found.append(types.WorkspaceSymbol(location, name, kind, container_name=around))
                    if len(found) >= MOST_FOUND:
                        return found
        return found

    @server.on(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        text = server.space.get(params.text_document.uri)
        return list(folds(text.view, text.document).values()) if text is not None else None

    @server.on(types.TEXT_DOCUMENT_SELECTION_RANGE)
    def selections(params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        return [selection(text.view, text.document, text.document.offset(each)) for each in params.positions]


def _fits(query: str, name: str) -> bool:
    """Whether the letters of the query stand in the name in this order."""
    rest = iter(name.lower())
    return all(letter in rest for letter in query.lower())


def _name_of(view: View, opening: int) -> str | None:
    if opening < 0:
        return None
    return next((item.name for item in view.pieces[opening].items if isinstance(item, ast.Strategy)), None)


# --- symbols -----------------------------------------------------------------------------------------


def outline(view: View, document: Document) -> list[types.DocumentSymbol]:
    """Strategies with what is in them, and the rest of the file."""
    top: list[types.DocumentSymbol] = []
    inside: dict[int, list[types.DocumentSymbol]] = {}
    for index, item in view.items():
        chunk = view.chunks[index]
        if isinstance(item, ast.Strategy) and chunk.place is Place.OPENING:
            inside[index] = []
            name = view.spanned(index, item.name_span)
            top.append(_symbol(document, item.name, "strategy", view.whole(index), name, inside[index]))
            continue
        entries = _of_item(view, document, index, item)
        (inside.get(chunk.owner, top) if chunk.place is Place.ITEM else top).extend(entries)
    return top


def contents(server: LinguaServer, view: View, document: Document) -> dict[str, Any]:
    """What of a text can be run, as plain data: what an editor hangs its buttons on."""

    def entry(name: str, whole: Span, at: Span) -> dict[str, Any]:
        ranges = {"range": document.range(whole), "at": document.range(at)}
        return {"name": name, **{key: server.plain(value) for key, value in ranges.items()}}

    strategies: dict[int, dict[str, Any]] = {}
    tests: list[dict[str, Any]] = []
    for index, item in view.items():
        chunk = view.chunks[index]
        if isinstance(item, ast.Strategy) and chunk.place is Place.OPENING:
            name = view.spanned(index, item.name_span)
            strategies[index] = {**entry(item.name, view.whole(index), name), "rules": [], "series": [], "symbols": []}
            continue
        whole, around = view.spanned(index, item.span), strategies.get(chunk.owner)
        if isinstance(item, ast.Test):
            owner = item.strategy or (around["name"] if around is not None else "")
            tests.append({**entry(item.title, whole, whole), "strategy": owner})
        elif around is not None and isinstance(item, ast.Rule):
            around["rules"].append(entry(item.name, whole, view.spanned(index, item.name_span)))
        elif around is not None and isinstance(item, ast.Trade):
            around["symbols"] += [each.name for each in item.symbols]
        elif around is not None:
            for symbol in _of_item(view, document, index, item):
                if symbol.detail in SERIES:
                    at = {"range": symbol.range, "at": symbol.selection_range}
                    around["series"].append({"name": symbol.name, **{key: server.plain(at[key]) for key in at}})
    return {"strategies": list(strategies.values()), "tests": tests}


def _of_item(view: View, document: Document, index: int, item: ast.Top | ast.Item) -> list[types.DocumentSymbol]:
    span = view.spanned(index, item.span)
    if isinstance(item, ast.Test):
        start = view.source.text.find('"', span.start)
        name = Span(start, start + len(item.title) + 2) if start >= 0 else span
        return [_symbol(document, item.title or "test", "test", span, _inside(name, span))]
    found: list[types.DocumentSymbol] = []
    for use in view.pieces[index].uses:
        place = Span(view.chunks[index].start + use.start, view.chunks[index].start + use.end)
        if use.kind and use.binder < 0 and span.start <= place.start < span.end:
            found.append(_symbol(document, use.name, use.kind, span, place))
    return found


def _inside(span: Span, whole: Span) -> Span:
    return Span(max(span.start, whole.start), min(span.end, whole.end))


def _symbol(
    document: Document, name: str, kind: str, whole: Span, at: Span, children: list[types.DocumentSymbol] | None = None
) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name, KINDS.get(kind, Kind.Variable), document.range(whole), document.range(at), detail=kind, children=children
    )


def _flat(tree: list[types.DocumentSymbol], uri: str, around: str | None) -> list[types.SymbolInformation]:
    """For clients that know no nested symbols."""
    found: list[types.SymbolInformation] = []
    for each in tree:
        found.append(
            types.SymbolInformation(types.Location(uri, each.range), each.name, each.kind, container_name=around)
        )
        found += _flat(list(each.children or ()), uri, each.name)
    return found


# --- folding -----------------------------------------------------------------------------------------


def folds(view: View, document: Document) -> dict[int, types.FoldingRange]:
    """By first line: strategies, items of several lines, runs of comments, imports."""
    found: dict[int, types.FoldingRange] = {}

    def add(span: Span, kind: types.FoldingRangeKind | None = None) -> None:
        first, last = document.position(span.start).line, document.position(span.end).line
        if last > first and first not in found:
            found[first] = types.FoldingRange(first, last, kind=kind)

    for index, _ in view.strategies():
        add(view.whole(index))
    imports: list[Span] = []
    for index, item in view.items():
        span = view.spanned(index, item.span)
        if isinstance(item, ast.Import):
            imports.append(span)
        elif not isinstance(item, ast.Strategy):
            add(span)
    if len(imports) > 1:
        add(Span(imports[0].start, imports[-1].end), types.FoldingRangeKind.Imports)
    run: Span | None = None
    text = view.source.text
    for index, piece in enumerate(view.pieces):
        for comment in piece.comments:
            start = view.chunks[index].start + comment.span.start
            end = view.chunks[index].start + comment.span.end
            if (
                run is not None
                and comment.own_line
                and not text[run.end : start].strip()
                and text.count("\n", run.end, start) == 1
            ):
                run = Span(run.start, end)
            else:
                if run is not None:
                    add(run, types.FoldingRangeKind.Comment)
                run = Span(start, end) if comment.own_line else None
    if run is not None:
        add(run, types.FoldingRangeKind.Comment)
    return found


# --- selection ---------------------------------------------------------------------------------------


def selection(view: View, document: Document, offset: int) -> types.SelectionRange:
    """From the word at a place outwards: expressions, the item, the strategy, the file."""
    spans = [Span(0, len(view.source.text))]
    index = view.chunk_at(offset)
    owner = view.chunks[index].owner
    if owner >= 0:
        spans.append(view.whole(owner))
    for item in view.pieces[index].items:
        if isinstance(item, ast.Strategy):
            continue
        spans += [view.spanned(index, span) for span in _nested(item)]
    start = view.chunks[index].start
    spans += [Span(start + token.start, start + token.end) for token in view.pieces[index].tokens]
    around = sorted(
        {span for span in spans if span.start <= offset <= span.end},
        key=lambda span: (span.start - span.end, span.start),
    )
    result: types.SelectionRange | None = None
    last: Span | None = None
    for span in around:
        if last is None or (last.start <= span.start and span.end <= last.end and span != last):
            result = types.SelectionRange(document.range(span), result)
            last = span
    return result or types.SelectionRange(document.range(Span(offset, offset)))


def _nested(item: ast.Top | ast.Item) -> list[Span]:
    from lingua.semantics.mentions import parts

    found: list[Span] = []
    for part in parts(item):
        span = getattr(part, "span", None)
        if isinstance(span, Span) and span.end > span.start:
            found.append(span)
    return found
