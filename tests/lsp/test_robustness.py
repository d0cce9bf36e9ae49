"""The server outlives everything a text can be, and what it says depends on the text alone."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.lingua"))
PIECES = (
    "{", "}", "(", ")", '"', "/*", "*/", "//", "\n", ";", "rule x: ", "=> buy", "let a = ", "strategy T {", "close",
    "@1d", "[-1]", "param n = 3 in 1..9", "𝔼é", "\r\n", "\u2028", "\x0c", "\x00", 'import "std/cloud" as q\n',
    'test "t" {',
)  # fmt: skip
EDITS = int(os.environ.get("LINGUA_SOAK", "1200"))
"""Of each client in all; `LINGUA_SOAK=10000` makes a soak of it."""


async def everything(editor, place) -> dict[str, object]:
    """The answers of every request about a text, as plain data."""
    client, document = editor.client, place.document
    lines = place.text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    whole = types.Range(types.Position(0, 0), types.Position(lines, 0))
    position = types.Position(lines // 2, 3)
    answers = {
        "symbols": client.text_document_document_symbol_async(types.DocumentSymbolParams(document)),
        "tokens": client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document)),
        "folds": client.text_document_folding_range_async(types.FoldingRangeParams(document)),
        "hints": client.text_document_inlay_hint_async(types.InlayHintParams(document, whole)),
        "lenses": client.text_document_code_lens_async(types.CodeLensParams(document)),
        "completion": client.text_document_completion_async(types.CompletionParams(document, position)),
        "hover": client.text_document_hover_async(types.HoverParams(document, position)),
        "help": client.text_document_signature_help_async(types.SignatureHelpParams(document, position)),
        "definition": client.text_document_definition_async(types.DefinitionParams(document, position)),
        "highlight": client.text_document_document_highlight_async(types.DocumentHighlightParams(document, position)),
        "selection": client.text_document_selection_range_async(types.SelectionRangeParams(document, [position])),
        "links": client.text_document_document_link_async(types.DocumentLinkParams(document)),
        "formatting": client.text_document_formatting_async(
            types.DocumentFormattingParams(document, types.FormattingOptions(2, True))
        ),
        "actions": client.text_document_code_action_async(
            types.CodeActionParams(document, types.Range(position, position), types.CodeActionContext([]))
        ),
    }
    found: dict[str, object] = {name: await each for name, each in answers.items()}
    found["tokens"] = list(found["tokens"].data)
    found["completion"] = [item.label for item in found["completion"].items]
    for name in ("links", "lenses", "actions", "definition"):
        found[name] = re.sub(r"version=\d+", "version", str(found[name]).replace(place.uri, "URI"))
    if not isinstance(found["symbols"], str):
        found["symbols"] = str(found["symbols"]).replace(place.uri, "URI")
    found["diagnostics"] = sorted(
        (each.code, each.range.start.line, each.range.start.character, each.message)
        for each in await editor.diagnostics(place.uri)
    )
    return found


HOSTILE = {
    "nothing": "",
    "one brace": "{",
    "half a word": "strat",
    "an open string": 'strategy S { rule a: "',
    "an open comment": "strategy S { /* ",
    "binary": "\x00\x01\x02\ufffd\udc80 rule \x00",
    "a lone surrogate": "strategy S { let 𝔼 = \ud800 }",
    "odd line ends": "strategy S {\r\n  let a\u2028b = 1\x0c\x0b\x85\r  rule r: a > 1 => buy\n}",
    "a byte-order mark": "\ufeffstrategy S { rule a: close > open => buy }",
    "deep": "strategy S { let a = " + "(" * 3000 + "1" + ")" * 3000 + " }",
    "long": "strategy S { let a = " + " + ".join(["close"] * 5000) + " }",
    "many braces": "strategy S {" * 500 + "}" * 700,
    "too large": "strategy S { let a = 1 }\n" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_every_request_is_answered_for_any_text(editor, name: str) -> None:
    place = editor.open(HOSTILE[name])
    found = await everything(editor, place)
    assert found
    editor.change(place.uri, [(0, 0, "lingua 1\n")])
    await everything(editor, place)


async def test_places_outside_the_text_are_answered(editor) -> None:
    place = editor.open("strategy S { rule a: close > open => buy }\n")
    for position in (types.Position(99, 0), types.Position(0, 9999), types.Position(2**31 - 1, 2**31 - 1)):
        await editor.client.text_document_hover_async(types.HoverParams(place.document, position))
        await editor.client.text_document_completion_async(types.CompletionParams(place.document, position))
        await editor.client.text_document_definition_async(types.DefinitionParams(place.document, position))
    nobody = types.TextDocumentIdentifier("file:///no/such/file.lingua")
    assert await editor.client.text_document_hover_async(types.HoverParams(nobody, types.Position(0, 0))) is None


def edited(rng: random.Random, text: str) -> tuple[int, int, str]:
    """One random edit: a piece typed, a stretch taken out or moved."""
    start = rng.randrange(len(text) + 1)
    while text[start - 1 : start + 1] == "\r\n":
        start -= 1
    end = start
    if rng.random() < 0.4:
        end = min(start + rng.choice((1, 1, 2, 5, 30)), len(text))
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
    new = rng.choice(PIECES) if rng.random() < 0.6 else ""
    # Two halves of one line end would be one after the edit: no client can send that.
    if new.endswith("\r") or (text[start - 1 : start] == "\r" and (new or text[end : end + 1]).startswith("\n")):
        new = ""
    return start, end, new


@pytest.mark.timeout(900)
async def test_after_many_edits_the_view_is_that_of_a_fresh_text(editor) -> None:
    rng = random.Random(7)
    examples = EXAMPLES[:4]
    for example in examples:
        place = editor.open(example.read_text())
        for number in range(EDITS // len(examples)):
            editor.change(place.uri, [edited(rng, editor.texts[place.uri])])
            if len(editor.texts[place.uri]) > 20_000:
                break
            if number % 50 == 0:
                # Half-way questions, so that every state is really looked at.
                await editor.client.text_document_hover_async(types.HoverParams(place.document, types.Position(5, 8)))
        mine = await everything(editor, place)
        fresh = editor.open(editor.texts[place.uri], f"fresh{rng.random()}.lingua")
        assert mine == await everything(editor, fresh)
        editor.close(fresh.uri)


async def test_a_broken_item_leaves_the_others_alone(editor) -> None:
    text = "strategy S {\n  let a = close\n  let b = = a\n  rule r: a > open => buy 10% with stop 2%\n}\n"
    place = editor.open(text)
    found = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(place.document))
    flat = str(found)
    assert "'a'" in flat
    assert "'r'" in flat
    told = await editor.client.text_document_hover_async(types.HoverParams(place.document, place.of("a > open")))
    assert "price" in told.contents.value
