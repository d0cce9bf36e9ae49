"""What is wrong with a text, as an editor is told."""

import pytest

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
