"""Every method the server offers is asked by four clients: those of three editors, and one that can nothing."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROGRAM = """import "std/cloud" as c
fn half(x) = x / 2

strategy S {
  trade AAPL @ 1d
  param n = 14 in 7..28
  let fast   = ema(close, n)
  rule enter: half(fast) < close[-1] => buy 10%
}

test "t" for S {
  given close = [1, 2, 3]
  expect never fired(enter)
}
"""
ASKED_OTHERWISE = {
    "initialize", "initialized", "shutdown", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
    "textDocument/didSave", "workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders", "codeLens/resolve", "completionItem/resolve", "callHierarchy/incomingCalls",
    "callHierarchy/outgoingCalls", "textDocument/semanticTokens/full/delta",
}  # fmt: skip
"""By notifications, by every session, or with what another method has answered (below)."""


@pytest_lsp.fixture(
    scope="module",
    config=ClientServerConfig(server_command=[sys.executable, "-m", "lingua.cli", "lsp"]),
    params=["visual_studio_code", "neovim", "emacs", "minimal"],
)
async def client(request, lsp_client: LanguageClient, tmp_path_factory, make_editor) -> AsyncIterator[None]:
    lsp_client.lingua_editor = make_editor(lsp_client, tmp_path_factory.mktemp("workspace"), request.param)
    await lsp_client.lingua_editor.start()
    yield
    await lsp_client.shutdown_session()


def questions(place) -> dict[str, object]:
    """One question for each method, each with something to tell."""
    document, use = place.document, place.of("half(fast")
    whole = types.Range(types.Position(0, 0), types.Position(len(place.text.splitlines()), 0))
    options = types.FormattingOptions(2, True)
    mistake = place.range("close[-1]")
    return {
        types.TEXT_DOCUMENT_COMPLETION: types.CompletionParams(document, place.of("buy 10%")),
        types.TEXT_DOCUMENT_SIGNATURE_HELP: types.SignatureHelpParams(document, place.of("close, n")),
        types.TEXT_DOCUMENT_HOVER: types.HoverParams(document, place.of("ema(")),
        types.TEXT_DOCUMENT_DEFINITION: types.DefinitionParams(document, use),
        types.TEXT_DOCUMENT_TYPE_DEFINITION: types.TypeDefinitionParams(document, place.of("fast)")),
        types.TEXT_DOCUMENT_REFERENCES: types.ReferenceParams(types.ReferenceContext(True), document, use),
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: types.DocumentHighlightParams(document, use),
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: types.DocumentSymbolParams(document),
        types.TEXT_DOCUMENT_FOLDING_RANGE: types.FoldingRangeParams(document),
        types.TEXT_DOCUMENT_SELECTION_RANGE: types.SelectionRangeParams(document, [use]),
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: types.SemanticTokensParams(document),
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: types.SemanticTokensRangeParams(document, whole),
        types.TEXT_DOCUMENT_FORMATTING: types.DocumentFormattingParams(document, options),
        types.TEXT_DOCUMENT_RANGE_FORMATTING: types.DocumentRangeFormattingParams(document, whole, options),
        types.TEXT_DOCUMENT_RANGES_FORMATTING: types.DocumentRangesFormattingParams(document, [whole], options),
        types.TEXT_DOCUMENT_ON_TYPE_FORMATTING: types.DocumentOnTypeFormattingParams(
            document, place.of("  rule"), "\n", options
        ),
        types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionParams(document, mistake, types.CodeActionContext([])),
        types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensParams(document),
        types.TEXT_DOCUMENT_INLAY_HINT: types.InlayHintParams(document, whole),
        types.TEXT_DOCUMENT_DOCUMENT_LINK: types.DocumentLinkParams(document),
        types.TEXT_DOCUMENT_PREPARE_RENAME: types.PrepareRenameParams(document, use),
        types.TEXT_DOCUMENT_RENAME: types.RenameParams(document, use, "part"),
        types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: types.CallHierarchyPrepareParams(document, use),
        types.TEXT_DOCUMENT_DIAGNOSTIC: types.DocumentDiagnosticParams(document),
        types.WORKSPACE_DIAGNOSTIC: types.WorkspaceDiagnosticParams([]),
        types.WORKSPACE_SYMBOL: types.WorkspaceSymbolParams("fast"),
        types.WORKSPACE_EXECUTE_COMMAND: types.ExecuteCommandParams("lingua.outline", [{"uri": place.uri}]),
    }


async def test_every_method_has_something_to_tell(editor) -> None:
    place = editor.open(PROGRAM)
    for method, params in questions(place).items():
        answer = await editor.client.protocol.send_request_async(method, params)
        assert answer is not None, method
        assert answer != [], method


async def test_no_method_is_left_out(editor) -> None:
    """A method that is registered and asked nowhere fails here."""
    from lingua_lsp.server import LinguaServer

    offered = {name for name in LinguaServer().protocol.fm.features if not name.startswith("lingua.")}
    assert len(offered) > 30
    assert offered <= {*questions(editor.open(PROGRAM)), *ASKED_OTHERWISE}


async def test_what_an_answer_leads_to_is_answered_as_well(editor) -> None:
    client, place = editor.client, editor.open(PROGRAM)
    asked = questions(place)
    choices = await client.text_document_completion_async(asked[types.TEXT_DOCUMENT_COMPLETION])
    buy = next(each for each in choices.items if each.label == "buy")
    assert (await client.completion_item_resolve_async(buy)).documentation
    for lens in await client.text_document_code_lens_async(asked[types.TEXT_DOCUMENT_CODE_LENS]):
        assert (lens if lens.command else await client.code_lens_resolve_async(lens)).command.title
    (item,) = await client.text_document_prepare_call_hierarchy_async(asked[types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY])
    callers = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item))
    assert [each.from_.name for each in callers] == ["enter"]
    calls = types.CallHierarchyOutgoingCallsParams(callers[0].from_)
    assert "half" in [each.to.name for each in await client.call_hierarchy_outgoing_calls_async(calls)]
    tokens = await client.text_document_semantic_tokens_full_async(asked[types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL])
    editor.change(place.uri, [(0, 0, "// a word\n")])
    delta = await client.text_document_semantic_tokens_full_delta_async(
        types.SemanticTokensDeltaParams(place.document, tokens.result_id)
    )
    data = list(tokens.data)
    for edit in sorted(delta.edits, key=lambda each: -each.start):
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    now = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(place.document))
    assert data == list(now.data)


async def test_a_file_that_changes_on_disk_is_read_again(editor) -> None:
    place = editor.open("strategy A { trade AAPL @ 1d rule once_there: close > 1 => buy }", "watched.lingua", save=True)
    editor.close(place.uri)

    async def names() -> list[str]:
        found = await editor.client.workspace_symbol_async(types.WorkspaceSymbolParams("_there"))
        return [each.name for each in found]

    assert "once_there" in await names()
    (editor.folder / "watched.lingua").write_text("strategy A { trade AAPL @ 1d rule now_there_too: close > 1 => buy }")
    change = types.FileEvent(place.uri, types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    assert "now_there_too" in await names()
    (editor.folder / "watched.lingua").unlink()


@pytest.mark.parametrize(("typed", "offered"), [
    ("rule a: close > 1 => ", "buy"), ("rule a: close > 1 => buy 1% with ", "stop"), ("let a = close @ ", "1d"),
    ("trade ", "AAPL"),
])  # fmt: skip
async def test_a_blank_behind_a_word_that_asks_for_more_offers_it(editor, typed: str, offered: str) -> None:
    blank = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, " ")

    async def choices(text: str) -> list[str]:
        place = editor.open(f"strategy S {{\n  trade AAPL @ 1d\n  {text}│\n}}\n")
        found = await editor.client.text_document_completion_async(place.ask(types.CompletionParams, context=blank))
        return [each.label for each in found.items]

    (editor.folder / "lingua.toml").write_text('[symbols.AAPL]\nfile = "AAPL.csv"\n')
    assert offered in await choices(typed)
    assert await choices("let a = ") == []
    assert await choices(typed + " ") == []
    (editor.folder / "lingua.toml").unlink()
