"""What an editor changes: renames, layout, mends, other files."""

from __future__ import annotations

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULE = "rule a: close > open => buy 10% with stop 2%"


def changed(editor, edit: types.WorkspaceEdit) -> dict[str, str]:
    """Texts after an edit of the workspace."""
    by_uri = dict(edit.changes or {})
    for each in edit.document_changes or ():
        by_uri[each.text_document.uri] = each.edits
    return {uri: editor.applied(uri, edits) for uri, edits in by_uri.items()}


async def test_a_rename_reaches_every_file_that_imports_it(editor) -> None:
    helper = editor.open("fn half(x) = x / 2\nfn quarter(x) = half(half(x))\n", "lib/helper.lingua", save=True)
    user = editor.open(
        'import "lib/helper.lingua" as h\nimport "lib/helper.lingua"\nstrategy 𝔘 {}\n'
        "strategy S {\n  let /* 𝔼 */ a = h.half(close)\n  let half = half(open)\n"
        "  rule go: half > a => buy 10% with stop 2%\n}\n",
        save=True,
    )
    await editor.diagnostics(user.uri)
    ask = types.RenameParams(helper.document, helper.of("half"), "halved")
    texts = changed(editor, await editor.client.text_document_rename_async(ask))
    assert texts[helper.uri] == "fn halved(x) = x / 2\nfn quarter(x) = halved(halved(x))\n"
    assert "h.halved(close)" in texts[user.uri]
    assert "let half = halved(open)" in texts[user.uri]
    assert "rule go: half > a" in texts[user.uri]


async def test_definition_and_links_lead_into_imports(editor) -> None:
    helper = editor.open("// twice\nfn twice(x) = x * 2\n", "lib/more.lingua", save=True)
    user = editor.open(
        'import "lib/more.lingua" as m\nimport "std/cloud" as c\nstrategy S {\n  let a = m.twice(close)\n'
        "  let b = c.cloud(close, 5, 9)\n}\n",
        save=True,
    )
    client = editor.client
    found = await client.text_document_definition_async(types.DefinitionParams(user.document, user.of("twice")))
    assert found[0].uri == helper.uri
    assert found[0].range.start.line == 1
    std = await client.text_document_definition_async(types.DefinitionParams(user.document, user.of("cloud(")))
    assert std[0].uri.endswith("std/cloud.lingua")
    links = await client.text_document_document_link_async(types.DocumentLinkParams(user.document))
    assert [user.at(each.range) for each in links] == ["lib/more.lingua", "std/cloud"]
    assert links[0].target == helper.uri
    told = await client.text_document_hover_async(types.HoverParams(user.document, user.of("twice")))
    assert "twice" in told.contents.value


async def test_a_mistake_in_an_unsaved_import_is_told_where_it_is_used(editor) -> None:
    helper = editor.open("fn third(x) = x / 3\n", "lib/third.lingua", save=True)
    user = editor.open(
        f'import "lib/third.lingua" as t\nstrategy S {{\n  let a = t.third(close)\n  plot: a\n  {RULE}\n}}\n', save=True
    )
    assert await editor.diagnostics(user.uri) == []
    at = helper.text.index("third")
    editor.change(helper.uri, [(at, at + 5, "fourth")])
    editor.change(user.uri, [(0, 0, " ")])
    found = await editor.diagnostics(user.uri)
    assert any("third" in each.message for each in found)


@pytest.mark.parametrize("name", ["close", "rule", "2x", "b", "with space"])
async def test_a_name_that_cannot_be_is_refused(editor, name: str) -> None:
    place = editor.open("strategy S {\n  let │a = close\n  let b = open\n  rule r: a > b => buy 10% with stop 2%\n}\n")
    with pytest.raises(Exception, match=r"name|word|already"):
        await editor.client.text_document_rename_async(place.ask(types.RenameParams, new_name=name))


async def test_only_names_of_ones_own_can_be_renamed(editor) -> None:
    place = editor.open("strategy S {\n  let mine = ema(close, 20)\n}\n")
    client = editor.client
    own = await client.text_document_prepare_rename_async(types.PrepareRenameParams(place.document, place.of("mine")))
    assert own.placeholder == "mine"
    assert place.at(own.range) == "mine"
    for word in ("ema", "close", "strategy", "20"):
        ask = types.PrepareRenameParams(place.document, place.of(word))
        assert await client.text_document_prepare_rename_async(ask) is None


# --- layout ------------------------------------------------------------------------------------------

OPTIONS = types.FormattingOptions(tab_size=2, insert_spaces=True)
UGLY = "strategy S{\n// 𝔼\nlet a=EMA( close,20 )\n    rule r : a>close=>buy 10%\n}\n"
LAID_OUT = "strategy S {\n  // 𝔼\n  let a = ema(close, 20)\n  rule r: a > close => buy 10%\n}\n"


async def test_the_whole_text_is_laid_out(editor) -> None:
    place = editor.open(UGLY)
    edits = await editor.client.text_document_formatting_async(types.DocumentFormattingParams(place.document, OPTIONS))
    assert editor.applied(place.uri, edits) == LAID_OUT
    done = editor.open(LAID_OUT)
    assert not await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(done.document, OPTIONS)
    )


async def test_line_ends_stay_as_they_are(editor) -> None:
    place = editor.open(UGLY.replace("\n", "\r\n"))
    edits = await editor.client.text_document_formatting_async(types.DocumentFormattingParams(place.document, OPTIONS))
    assert editor.applied(place.uri, edits) == LAID_OUT.replace("\n", "\r\n")


async def test_a_broken_text_is_left_alone_and_its_good_items_are_laid_out(editor) -> None:
    place = editor.open(UGLY.replace("a>close", "a>>close"))
    client = editor.client
    assert not await client.text_document_formatting_async(types.DocumentFormattingParams(place.document, OPTIONS))
    ask = types.DocumentRangeFormattingParams(place.document, place.range("let a=EMA"), OPTIONS)
    edits = await client.text_document_range_formatting_async(ask)
    assert "  let a = ema(close, 20)\n" in editor.applied(place.uri, edits)


async def test_a_range_is_laid_out_and_nothing_else(editor) -> None:
    place = editor.open(UGLY)
    ask = types.DocumentRangeFormattingParams(place.document, place.range("let a=EMA"), OPTIONS)
    edits = await editor.client.text_document_range_formatting_async(ask)
    after = editor.applied(place.uri, edits)
    assert "  let a = ema(close, 20)\n" in after
    assert "    rule r : a>close=>buy 10%\n" in after


async def test_a_new_line_is_set_in(editor) -> None:
    place = editor.open("strategy S {\n\n}\n")
    ask = types.DocumentOnTypeFormattingParams(place.document, types.Position(1, 0), "\n", OPTIONS)
    edits = await editor.client.text_document_on_type_formatting_async(ask)
    assert editor.applied(place.uri, edits) == "strategy S {\n  \n}\n"
    place = editor.open("strategy S {\n  risk {\n\n  }\n}\n")
    ask = types.DocumentOnTypeFormattingParams(place.document, types.Position(2, 0), "\n", OPTIONS)
    edits = await editor.client.text_document_on_type_formatting_async(ask)
    assert editor.applied(place.uri, edits) == "strategy S {\n  risk {\n    \n  }\n}\n"


@pytest.mark.parametrize(
    ("above", "wanted"), [("  // a word, and", 2), ("  let a = close +", 4), ("  rule r: close > 1 =>", 4)]
)
async def test_a_line_is_set_in_further_where_the_item_goes_on_and_not_behind_a_comment(
    editor, above: str, wanted: int
) -> None:
    place = editor.open(f"strategy S {{\n  trade AAPL @ 1d\n{above}\nx\n}}\n")
    ask = types.DocumentOnTypeFormattingParams(place.document, types.Position(3, 0), "\n", OPTIONS)
    edits = await editor.client.text_document_on_type_formatting_async(ask)
    assert editor.applied(place.uri, edits).splitlines()[3] == " " * wanted + "x"


# --- code actions ------------------------------------------------------------------------------------


async def actions(editor, place, range: types.Range, only: list[str] | None = None) -> dict[str, types.CodeAction]:
    context = types.CodeActionContext(await editor.diagnostics(place.uri), only=only)
    ask = types.CodeActionParams(place.document, range, context)
    return {each.title: each for each in await editor.client.text_document_code_action_async(ask) or ()}


@pytest.mark.parametrize(
    ("item", "marked", "mended"),
    [
        ("rule a: close[-1] > open => buy 10% with stop 2%", "close[-1]", "close[1] > open"),
        ("rule a: closs > open => buy 10% with stop 2%", "closs", "close > open"),
        ("rule a: close > open && open > low => buy 10% with stop 2%", "&&", "open and open"),
        ("rule a: close > open => buy 10%", "buy 10%", "buy 10% with stop 2 * atr(14)"),
        (
            "rule a: bbands(close, 20, 2) > 0 => buy 10% with stop 2%",
            "bbands(close, 20, 2)",
            "bbands(close, 20, 2).upper",
        ),
        ("rule a: ta.crossover(close, open) => buy 10% with stop 2%", "ta.crossover", "crosses above"),
    ],
)
async def test_a_diagnostic_brings_its_mend(editor, item: str, marked: str, mended: str) -> None:
    place = editor.open(f"lingua 1\nstrategy S {{\n  /* 𝔼 */ {item}\n}}\n")
    found = await actions(editor, place, place.range(marked), [types.CodeActionKind.QuickFix])
    assert found
    after = [changed(editor, each.edit)[place.uri] for each in found.values()]
    assert any(mended in text for text in after), after
    assert all(each.diagnostics for each in found.values())


async def test_a_stop_is_attached(editor) -> None:
    place = editor.open(
        "strategy S {\n  rule a: close > open => buy 10% with target 2%\n  rule b: close < open => sell\n}\n"
    )
    found = await actions(editor, place, place.range("buy"), [types.CodeActionKind.RefactorRewrite])
    (action,) = found.values()
    assert "buy 10% with target 2%, stop 2 * atr(14)" in changed(editor, action.edit)[place.uri]
    assert not await actions(editor, place, place.range("sell"), [types.CodeActionKind.RefactorRewrite])


async def test_a_selected_expression_gets_a_name(editor) -> None:
    place = editor.open("strategy S {\n  /* 𝔼 */ rule a: ema(close, 20) > open => buy 10% with stop 2%\n}\n")
    found = await actions(editor, place, place.range("ema(close, 20)"), [types.CodeActionKind.RefactorExtract])
    (action,) = found.values()
    after = changed(editor, action.edit)[place.uri]
    assert "let ema20 = ema(close, 20)" in after
    assert "rule a: ema20 > open" in after
    assert not await actions(editor, place, place.range("(close, 20) >"), [types.CodeActionKind.RefactorExtract])


async def test_all_mends_are_made_at_once(editor) -> None:
    place = editor.open(
        "lingua 1\nstrategy S {\n  rule a: close[-1] > open => buy 10% with stop 2%\n"
        "  rule b: clos < open && close > 1 => sell\n}\n"
    )
    found = await actions(editor, place, types.Range(types.Position(0, 0), types.Position(0, 0)), ["source.fixAll"])
    (action,) = found.values()
    after = changed(editor, action.edit)[place.uri]
    assert "close[1] > open" in after
    assert "close < open and close > 1" in after
