"""Completion, and the documentation of the choice that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lingua.analysis.completions import MOST_NAMES, Candidate, complete, documentation
from lingua.analysis.names import Space
from lingua.analysis.view import Symbol, View
from lingua.syntax.source import Source

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
    options = types.CompletionOptions(
        trigger_characters=[".", "@", "(", '"', "/", ":", ">", " "], resolve_provider=True
    )

    @server.on(types.TEXT_DOCUMENT_COMPLETION, options)
    def completion(params: types.CompletionParams) -> types.CompletionList:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return types.CompletionList(False, [])
        document = text.document
        offset = document.offset(params.position)
        trigger = params.context.trigger_character if params.context is not None else None
        source = document.source.text
        if (
            (trigger == ":" and not _follows_a_name(source, offset))
            or (trigger == ">" and source[offset - 2 : offset] != "=>")
            or (trigger == " " and not _asks_for_more(source, offset))
        ):
            return types.CompletionList(False, [])
        span, found = complete(text.view, offset)
        range = document.range(span)
        is_cut = sum(each.symbol is not None for each in found) >= MOST_NAMES
        return types.CompletionList(is_cut, [_item(server, document.uri, each, range) for each in found])

    @server.on(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        data = _plain(item.data)
        text = server.space.get(str(data["uri"])) if "uri" in data else None
        given = data.get("symbol")
        symbol = Symbol(given[0], given[1], Space(given[2]), given[3], given[4]) if given else None
        if text is not None or (symbol is not None and symbol.is_builtin):
            view = text.view if text is not None else View(Source("", ""))
            told = documentation(view, str(data.get("kind", "")), item.label, symbol)
            if told:
                item.documentation = server.item_documentation(told)
        return item


def _follows_a_name(text: str, offset: int) -> bool:
    """Whether the `:` just typed may begin a type: `let x:`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line.split()[:1] in (["let"], ["param"], ["state"], ["indicator"], ["const"], ["fn"], ["parameter"])


ASKING = frozenset({"=>", "@", "with", "at", "of", "on", "trade", "direction", "run"})
"""What only one of a few words can follow: they are offered unasked."""


def _asks_for_more(text: str, offset: int) -> bool:
    """Whether the blank just typed is the first one behind such a word."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    words = line.split()
    return line.endswith(" ") and not line.endswith("  ") and bool(words) and words[-1] in ASKING


def _item(server: LinguaServer, uri: str, each: Candidate, range: types.Range) -> types.CompletionItem:
    snippet = each.snippet if server.snippets else ""
    symbol = each.symbol
    # Thousands of these are sent while somebody types: what the client knows anyway is left out.
    data: dict[str, Any] = {"kind": each.kind}
    if symbol is None or not symbol.is_builtin:
        data["uri"] = uri
    if symbol is not None:
        data["symbol"] = [symbol.file, symbol.owner, str(symbol.space), symbol.name, symbol.kind]
    written = snippet or each.insert or each.label
    return types.CompletionItem(
        label=each.label,
        kind=KINDS.get(each.kind, Kind.Variable),
        detail=each.detail.splitlines()[0] if each.detail else None,
        sort_text=f"{each.order}{each.label}",
        insert_text_format=types.InsertTextFormat.Snippet if snippet else None,
        text_edit=types.TextEdit(range, written) if written != each.label or not each.label.isidentifier() else None,
        data=data,
    )


def _plain(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    return {name: getattr(data, name) for name in ("uri", "kind", "symbol") if hasattr(data, name)}
