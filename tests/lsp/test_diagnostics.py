"""What is wrong with a text, as an editor is told."""

import asyncio

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_mistake_is_told_with_its_code_at_its_place(editor) -> None:
    place = editor.open("strategy S {\n  /* 𝔼é */ rule a: close[-1] > open => buy\n}\n")
    found = await editor.diagnostics(place.uri)
    assert [each.code for each in found] == ["L0301"]
    assert place.at(found[0].range) == "close[-1]"


async def test_diagnostics_follow_what_is_typed(editor) -> None:
    place = editor.open("strategy S { rule a: close[│1] > open => buy 10% with stop 2% }\n")
    assert await editor.diagnostics(place.uri) == []
    editor.change(place.uri, [(place.offset, place.offset, "-")])
    assert [each.code for each in await editor.diagnostics(place.uri)] == ["L0301"]


def large(items: int) -> str:
    lines = ["lingua 1", "strategy Big {", "  trade BTCUSDT @ 1h"]
    for at in range(items):
        lines += [
            f"  param p{at} = {10 + at % 20} in 5..40",
            f"  indicator a{at} = ema(close, p{at})",
            f"  rule r{at}: a{at} crosses above close => buy 1% with stop 2%",
        ]
    return "\n".join([*lines, "}"]) + "\n"


async def settled(editor, uri: str, wanted: set[str]) -> set[str]:
    """Codes of the text once they are what is wanted, or after a while."""
    found: set[str] = set()
    for _ in range(200):
        found = {str(each.code) for each in await editor.diagnostics(uri)}
        if found == wanted:
            break
        await asyncio.sleep(0.05)
    return found


async def test_errors_of_a_large_text_are_told_at_once_and_lints_a_moment_later(editor) -> None:
    place = editor.open(large(330))
    assert await settled(editor, place.uri, set()) == set()
    at = place.text.index("a200 crosses")
    editor.change(place.uri, [(at, at + 4, "b200")])
    assert {each.code for each in await editor.diagnostics(place.uri)} == {"L0201"}
    editor.change(place.uri, [(at, at + 4, "open")])
    # Nothing uses a200 any more: what only the check of the whole file can see.
    assert await settled(editor, place.uri, {"L0205"}) == {"L0205"}
    editor.change(place.uri, [(at, at + 4, "a200")])
    assert await settled(editor, place.uri, set()) == set()


async def test_a_client_that_asks_again_is_told_that_nothing_changed(editor) -> None:
    if not editor.pulls:
        return
    place = editor.open("strategy S { rule a: close[-1] > open => buy 10% with stop 2% }\n")
    ask = types.DocumentDiagnosticParams(place.document)
    first = await editor.client.text_document_diagnostic_async(ask)
    again = types.DocumentDiagnosticParams(place.document, previous_result_id=first.result_id)
    assert (await editor.client.text_document_diagnostic_async(again)).kind == "unchanged"
    editor.change(place.uri, [(0, 0, " ")])
    assert (await editor.client.text_document_diagnostic_async(again)).kind == "full"


async def test_unused_names_are_greyed_and_second_places_are_linked(editor) -> None:
    place = editor.open(
        "lingua 1\nstrategy S {\n  let a = 1\n  let b = close\n  let b = open\n"
        "  rule r: b > 1 => buy 10% with stop 2%\n}\n"
    )
    found = {each.code: each for each in await editor.diagnostics(place.uri)}
    assert types.DiagnosticTag.Unnecessary in found["L0205"].tags
    related = found["L0203"].related_information
    assert place.at(related[0].location.range) == "b"
    assert "first defined here" in related[0].message
