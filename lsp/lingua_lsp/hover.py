"""Hover and signature help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.analysis import hovers
from lingua.analysis.completions import call_at, context, user_function
from lingua.analysis.documentation import comment_above, fn_signature, function_documentation, input_label, signature
from lingua.analysis.names import Space

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer
    from lingua_lsp.workspace import Text


def register(server: LinguaServer) -> None:
    @server.on(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        document = text.document
        values = server.results.values(document, text.view, document.offset(params.position))
        found = hovers.hover(text.view, document.offset(params.position), server.space.open_text, values)
        if found is None:
            return None
        span, told = found
        return types.Hover(server.markup(told, server.hover_markdown), document.range(span))

    options = types.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=[")"])

    @server.on(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    def help(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        ctx = context(text.view, text.document.offset(params.position))
        call = call_at(ctx.before) if ctx is not None else None
        if call is None:
            return None
        name, number, _, named = call
        label, inputs, told = _signature(text, name)
        if not label:
            return None
        active = next((place for place, each in enumerate(inputs) if each.split(":")[0].split(" ")[0] == named), number)
        parameters = [
            types.ParameterInformation(_place(server, label, each, inputs[:place])) for place, each in enumerate(inputs)
        ]
        information = types.SignatureInformation(
            label,
            server.signature_documentation(told) if told else None,
            parameters,
        )
        return types.SignatureHelp([information], 0, min(active, max(len(inputs) - 1, 0)))


def _signature(text: Text, name: str) -> tuple[str, list[str], str]:
    """The signature of a function as it is shown, its inputs as they stand in it, and what it does."""
    found = user_function(text.view, name)
    if found is not None:
        home, fn = found
        place = home.definitions.get((-1, Space.FUNCTION, fn.name))
        told = comment_above(home, place.span.start) if place is not None else ""
        return (
            fn_signature(fn).removeprefix("extern ").removeprefix("fn "),
            [input_label(each) for each in fn.params],
            told,
        )
    label = signature(name)
    inside = label[len(name) + 1 : -1] if label else ""
    told = "\n\n".join(function_documentation(name).split("\n\n")[1:])
    return label, inside.split(", ") if inside else [], told


def _place(server: LinguaServer, label: str, each: str, before: list[str]) -> str | tuple[int, int]:
    """An input within its signature: as a range for clients that can, so that `a` is not found in `name(`."""
    if not server.signature_offsets:
        return each
    start = label.index("(") + 1 + sum(len(other) + 2 for other in before)
    return (start, start + len(each))
