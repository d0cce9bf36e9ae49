"""Inlay hints: units of definitions, values of parameters where they are used, bars a rule needs before it can act."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.analysis.meaning import Meaning, meaning
from lingua.analysis.names import Space
from lingua.analysis.view import Found, View
from lingua.ir.nodes import Kind
from lingua.ir.units import NONE
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

AT_ONCE = 25
"""Items looked at before other messages get their turn."""


def register(server: LinguaServer) -> None:
    @server.on(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintOptions(resolve_provider=False))
    async def hints(params: types.InlayHintParams) -> list[types.InlayHint] | None:
        text = server.space.get(params.text_document.uri)
        if text is None:
            return None
        span = text.document.span(params.range)
        chunks = list(text.view.chunks_in(span))
        found: list[types.InlayHint] = []
        for first in range(0, len(chunks), AT_ONCE):
            part = chunks[first : first + AT_ONCE]
            means = meaning(text.view, part, server.space.open_text)
            for place, label, kind, tip in of_chunks(text.view, means, part):
                if not _is_wanted(server, kind):
                    continue
                if span.start <= place <= span.end:
                    found.append(
                        types.InlayHint(
                            text.document.position(place), label, kind, tooltip=tip, padding_left=label[0] != ":"
                        )
                    )
            await asyncio.sleep(0)
        return found


def _is_wanted(server: LinguaServer, kind: types.InlayHintKind | None) -> bool:
    settings = server.settings
    if kind is types.InlayHintKind.Type:
        return settings.hintUnits
    return settings.hintValues if kind is types.InlayHintKind.Parameter else settings.hintWarmup


Hint = tuple[int, str, types.InlayHintKind | None, str]


def of_chunks(view: View, means: Meaning, chunks: list[int]) -> Iterator[Hint]:
    known = means.known
    bars = means.rule_bars()
    for index in chunks:
        piece = view.pieces[index]
        declared = {
            item.name_span.start - piece.shift
            for item in piece.items
            if isinstance(item, ast.Indicator | ast.State) and item.type is not None
        } | {
            span.start - piece.shift
            for item in piece.items
            if isinstance(item, ast.Let) and item.type is not None
            for span in item.name_spans
        }
        for use in piece.uses:
            found = Found(view, index, use)
            if use.kind in ("let", "indicator", "state") and use.binder < 0 and use.start not in declared:
                node = known[found.span].node if found.span in known else None
                if node is not None:
                    words = str(node.unit) if node.unit != NONE and node.kind is Kind.NUM else node.kind.value
                    yield found.span.end, f": {words}", types.InlayHintKind.Type, "what it measures"
            elif not use.kind and use.space is Space.VALUE and use.binder < 0:
                symbol = view.symbol(found)
                param = (
                    means.params.get((symbol.owner, use.name))
                    if symbol is not None and symbol.kind == "param"
                    else None
                )
                if param is not None:
                    value = f"{param.value:g}" if isinstance(param.value, float) else str(param.value)
                    yield found.span.end, f"={value}", types.InlayHintKind.Parameter, "its value in this run"
        for item in piece.items:
            if isinstance(item, ast.Rule) and index in bars:
                end = view.spanned(index, Span(item.name_span.start, item.name_span.end)).end
                count = bars[index]
                tip = f"the first bar on which it can act is number {count:,.0f}, counted from 0"
                yield end, f"after {count:,.0f} bars", None, tip
