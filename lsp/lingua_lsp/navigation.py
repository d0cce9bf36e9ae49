"""Where names come from and where they go: definition, type definition, references, highlights, rename, call hierarchy,
links of imports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.names import Space
from lingua.analysis.view import Found, Symbol, View
from lingua.semantics.imports import STD
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span
from lingua_grammar.tables import load
from lingua_lsp.documents import Document, uri_of
from lingua_lsp.workspace import Text

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def register(server: LinguaServer) -> None:
    space = server.space

    @server.on(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        text, found = _at(server, params)
        if text is None or found is None:
            return None
        if found.use.space is Space.FILE:
            path = text.view.import_path(found.use.name)
            top = types.Range(types.Position(0, 0), types.Position(0, 0))
            return [types.Location(uri_of(path), top)] if path is not None and path.is_file() else None
        symbol = text.view.symbol(found)
        place = _definition(text.view, symbol) if symbol is not None else None
        return [_location(server, place)] if place is not None else None

    @server.on(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    def type_definition(params: types.TypeDefinitionParams) -> list[types.Location] | None:
        """Where what a name holds is made: the function behind `let c = cloud(…)`, the strategy of a rule's value."""
        text, found = _at(server, params)
        if text is None or found is None:
            return None
        place = _maker(text.view, found)
        return [_location(server, place)] if place is not None else None

    @server.on(types.TEXT_DOCUMENT_REFERENCES)
    def references(params: types.ReferenceParams) -> list[types.Location] | None:
        text, found = _at(server, params)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        if text is None or symbol is None:
            return None
        wanted = params.context.include_declaration
        return [_location(server, each) for each in everywhere(server, text, symbol) if wanted or not each.use.kind]

    @server.on(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        text, found = _at(server, params)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        if text is None or symbol is None:
            return None
        kinds = types.DocumentHighlightKind
        return [
            types.DocumentHighlight(text.document.range(each.span), kinds.Write if each.use.kind else kinds.Read)
            for each in text.view.occurrences(symbol)
        ]

    @server.on(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
        text, found = _at(server, params)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        if text is None or found is None or symbol is None or _fixed(symbol):
            return None
        return types.PrepareRenamePlaceholder(text.document.range(found.span), found.use.name)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        # Not through `on`: that a name cannot be used is an error the user has to see.
        text, found = _at(server, params)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        if text is None or symbol is None or _fixed(symbol):
            return None
        refuse_name(text.view, symbol, params.new_name)
        edits: dict[str, list[types.TextEdit]] = {}
        for each in everywhere(server, text, symbol):
            document = _document(server, each.view)
            if document is not None:
                edits.setdefault(document.uri, []).append(document.edit(each.span, params.new_name))
        return server.workspace_edit(edits)

    @server.on(types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkOptions(resolve_provider=False))
    def links(params: types.DocumentLinkParams) -> list[types.DocumentLink]:
        text = space.get(params.text_document.uri)
        found: list[types.DocumentLink] = []
        for each in text.view.uses() if text is not None else ():
            path = each.view.import_path(each.use.name) if each.use.space is Space.FILE else None
            if text is not None and path is not None and path.is_file():
                inside = Span(each.span.start + 1, max(each.span.end - 1, each.span.start + 1))
                found.append(
                    types.DocumentLink(
                        text.document.range(inside),
                        uri_of(path),
                        tooltip=each.use.name if server.link_tooltips else None,
                    )
                )
        return found

    # --- who calls whom ------------------------------------------------------------------------

    @server.on(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    def prepare_calls(params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
        text, found = _at(server, params)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        place = _definition(text.view, symbol) if text is not None and symbol is not None else None
        return [_call_item(server, place)] if place is not None else None

    @server.on(types.CALL_HIERARCHY_INCOMING_CALLS)
    def incoming(params: types.CallHierarchyIncomingCallsParams) -> list[types.CallHierarchyIncomingCall] | None:
        text, found = _of_item(server, params.item)
        symbol = text.view.symbol(found) if text is not None and found is not None else None
        if text is None or symbol is None:
            return None
        callers: dict[tuple[str, int], tuple[Found, list[types.Range]]] = {}
        for each in everywhere(server, text, symbol):
            around = _enclosing(each)
            document = _document(server, each.view)
            if each.use.kind or around is None or document is None:
                continue
            key = (each.view.name, around.span.start)
            callers.setdefault(key, (around, []))[1].append(document.range(each.span))
        return [types.CallHierarchyIncomingCall(_call_item(server, around), at) for around, at in callers.values()]

    @server.on(types.CALL_HIERARCHY_OUTGOING_CALLS)
    def outgoing(params: types.CallHierarchyOutgoingCallsParams) -> list[types.CallHierarchyOutgoingCall] | None:
        text, found = _of_item(server, params.item)
        if text is None or found is None:
            return None
        called: dict[Symbol, tuple[Found, list[types.Range]]] = {}
        for use in text.view.pieces[found.chunk].uses:
            each = Found(text.view, found.chunk, use)
            symbol = text.view.symbol(each) if not use.kind and use.binder < 0 else None
            place = _definition(text.view, symbol) if symbol is not None else None
            if symbol is not None and place is not None and (place.view is not text.view or place.chunk != found.chunk):
                called.setdefault(symbol, (place, []))[1].append(text.document.range(each.span))
        return [types.CallHierarchyOutgoingCall(_call_item(server, place), at) for place, at in called.values()]


def _at(server: LinguaServer, params: Any) -> tuple[Text | None, Found | None]:
    text = server.space.get(params.text_document.uri)
    return text, text.view.use_at(text.document.offset(params.position)) if text is not None else None


def _of_item(server: LinguaServer, item: types.CallHierarchyItem) -> tuple[Text | None, Found | None]:
    text = server.space.get(item.uri)
    if text is None:
        return None, None
    return text, text.view.use_at(text.document.offset(item.selection_range.start))


def _definition(view: View, symbol: Symbol) -> Found | None:
    home = view.home(symbol)
    return home.definition(symbol) if home is not None else None


def _document(server: LinguaServer, view: View) -> Document | None:
    """The document a view was made of."""
    if view.path is not None:
        text = server.space.at(view.path)
        return text.document if text is not None else None
    for document in server.documents.open.values():
        text = server.space.get(document.uri)
        if text is not None and text.view is view:
            return document
    return None


def _location(server: LinguaServer, found: Found) -> types.Location:
    document = _document(server, found.view)
    assert document is not None
    return document.location(found.span)


def everywhere(server: LinguaServer, text: Text, symbol: Symbol) -> Iterator[Found]:
    """Every occurrence of a symbol: in the text that defines it, and in all that import that."""
    is_seen = False
    for other in server.space.everything():
        if other.view is text.view:
            is_seen = True
        if other.view.name == symbol.file or other.view is text.view or symbol.is_builtin or other.view.imports:
            if symbol.is_builtin and other.view is not text.view:
                continue
            yield from other.view.occurrences(symbol)
    if not is_seen:
        yield from text.view.occurrences(symbol)
    home = text.view.home(symbol)
    if home is not None and home is not text.view and home.path is not None and home.path.is_relative_to(STD):
        yield from home.occurrences(symbol)


def _fixed(symbol: Symbol) -> bool:
    """Names that cannot be changed: built-in ones, and those of the bundled library."""
    return symbol.is_builtin or symbol.file.startswith(str(STD))


def refuse_name(view: View, symbol: Symbol, name: str) -> None:
    """Raise what the editor shows when `name` cannot take the place of a symbol's."""
    from pygls.exceptions import JsonRpcException

    from lingua.semantics.observables import PROTECTED

    def refuse(why: str) -> None:
        # RequestFailed of the protocol.
        raise JsonRpcException(why, code=-32803)

    if not NAME.fullmatch(name):
        refuse(f"`{name}` is no name: letters, digits and `_`, not a digit first")
    if name in load().reserved:
        refuse(f"`{name}` is a word of the language")
    if symbol.space is Space.VALUE and name in PROTECTED:
        refuse(f"`{name}` is already {PROTECTED[name]}")
    home = view.home(symbol) or view
    if symbol.binder >= 0:
        taken = any(use.kind and use.name == name for use in home.pieces[symbol.chunk].uses)
    else:
        taken = (symbol.owner, symbol.space, name) in home.definitions
    if taken and name != symbol.name:
        refuse(f"`{name}` is already defined here")


def _maker(view: View, found: Found) -> Found | None:
    """The definition of the function whose result a name holds; for other names their own definition."""
    symbol = view.symbol(found)
    place = _definition(view, symbol) if symbol is not None else None
    if place is None:
        return None
    for item in place.view.pieces[place.chunk].items:
        value = item.value if isinstance(item, ast.Let | ast.Indicator | ast.Const) else None
        if isinstance(value, ast.Call):
            start = place.view.spanned(place.chunk, value.function.span)
            callee = place.view.use_at(max(start.end - 1, start.start))
            made = place.view.symbol(callee) if callee is not None else None
            return (_definition(place.view, made) if made is not None else None) or place
    return place


def _enclosing(found: Found) -> Found | None:
    """The definition whose item an occurrence stands in."""
    piece = found.view.pieces[found.chunk]
    best = None
    for item in piece.items:
        span = found.view.spanned(found.chunk, item.span)
        if span.start <= found.span.start < span.end:
            for use in piece.uses:
                each = Found(found.view, found.chunk, use)
                if use.kind and use.binder < 0 and span.start <= each.span.start < span.end:
                    best = best or each
    return best


def _call_item(server: LinguaServer, found: Found) -> types.CallHierarchyItem:
    from lingua_lsp.symbols import KINDS

    document = _document(server, found.view)
    assert document is not None
    span = found.span
    for item in found.view.pieces[found.chunk].items:
        whole = found.view.spanned(found.chunk, item.span)
        if whole.start <= span.start < whole.end:
            span = whole
    kind = KINDS.get(found.use.kind, types.SymbolKind.Variable)
    return types.CallHierarchyItem(
        found.use.name, kind, document.uri, document.range(span), document.range(found.span), detail=found.use.kind
    )
