"""Completion, and the documentation of the choice that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.completions import MOST_NAMES, Candidate, complete, documentation
from lingua.analysis.names import Space
from lingua.analysis.view import Symbol

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

Kind = types.CompletionItemKind
KINDS = {
    "word": Kind.Keyword, "function": Kind.Function, "extern": Kind.Function, "field": Kind.Field, "unit": Kind.Unit,
    "timeframe": Kind.Unit, "type": Kind.TypeParameter, "param": Kind.Constant, "const": Kind.Constant,
    "setting": Kind.Property, "argument": Kind.Property, "symbol": Kind.EnumMember, "period": Kind.EnumMember,
    "rule": Kind.Event, "strategy": Kind.Class, "file": Kind.File, "import": Kind.Module, "builtin": Kind.Variable,
    "data": Kind.Module,
}  # fmt: skip


def register(server: LinguaServer) -> None:
    options = types.CompletionOptions(trigger_characters=[".", "@", "(", '"', "/", ":", ">"], resolve_provider=True)

    @server.on(types.TEXT_DOCUMENT_COMPLETION, options)
    def completion(params: types.CompletionParams) -> types.CompletionList:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return types.CompletionList(False, [])
        document = text.document
        offset = document.offset(params.position)
        trigger = params.context.trigger_character if params.context is not None else None
        source = document.source.text
        if (trigger == ":" and not _follows_a_name(source, offset)) or (
            trigger == ">" and source[offset - 2 : offset] != "=>"
        ):
            return types.CompletionList(False, [])
        span, found = complete(text.view, offset)
        range = document.range(span)
        is_cut = sum(each.symbol is not None for each in found) >= MOST_NAMES
        return types.CompletionList(is_cut, [_item(server, document.uri, each, range) for each in found])

    @server.on(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        data = _plain(item.data)
        text = server.space.get(str(data.get("uri", "")))
        if text is not None:
            given = data.get("symbol")
            symbol = Symbol(given[0], given[1], Space(given[2]), given[3], given[4]) if given else None
            told = documentation(text.view, str(data.get("kind", "")), str(data.get("label", item.label)), symbol)
            if told:
                item.documentation = server.item_documentation(told)
        return item


def _follows_a_name(text: str, offset: int) -> bool:
    """Whether the `:` just typed may begin a type: `let x:`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line.split()[:1] in (["let"], ["param"], ["state"], ["indicator"], ["const"], ["fn"], ["parameter"])


def _item(server: LinguaServer, uri: str, each: Candidate, range: types.Range) -> types.CompletionItem:
    snippet = each.snippet if server.snippets else ""
    data: dict[str, Any] = {"uri": uri, "kind": each.kind, "label": each.label}
    if each.symbol is not None:
        symbol = each.symbol
        data["symbol"] = [symbol.file, symbol.owner, str(symbol.space), symbol.name, symbol.kind]
    return types.CompletionItem(
        label=each.label,
        kind=KINDS.get(each.kind, Kind.Variable),
        detail=each.detail.splitlines()[0] if each.detail else None,
        sort_text=f"{each.order}{each.label}",
        filter_text=each.label,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(range, snippet or each.insert or each.label),
        data=data,
    )


def _plain(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    return {name: getattr(data, name) for name in ("uri", "kind", "label", "symbol") if hasattr(data, name)}
