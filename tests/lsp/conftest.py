"""The server as an editor starts it, and clients with the abilities of three editors."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

COMMAND = [sys.executable, "-m", "lingua.cli", "lsp", "--stdio"]
PROFILES = ("visual_studio_code", "neovim", "emacs")


class Editor:
    """One client. Texts it opens are files of `folder` that exist in the editor alone, unless they are saved."""

    def __init__(self, client: LanguageClient, folder: Path, profile: str) -> None:
        self.client = client
        self.folder = folder
        self.profile = profile
        self.registered: list[types.Registration] = []
        self.refreshed: list[str] = []
        self.pushed: dict[str, types.PublishDiagnosticsParams] = {}
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self._names = itertools.count()

    async def start(self) -> None:
        client = self.client

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered += params.registrations

        for method in (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, types.WORKSPACE_DIAGNOSTIC_REFRESH):
            # pytest-lsp has handlers of its own, which forget the version.
            client.protocol.fm.features.pop(method, None)

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def publish(params: types.PublishDiagnosticsParams) -> None:
            self.pushed[params.uri] = params

        for method in (
            types.WORKSPACE_DIAGNOSTIC_REFRESH, types.WORKSPACE_CODE_LENS_REFRESH, types.WORKSPACE_INLAY_HINT_REFRESH,
            types.WORKSPACE_SEMANTIC_TOKENS_REFRESH,
        ):  # fmt: skip
            client.feature(method)(self._refresh(method))
        # `minimal`: a client that names nothing it can.
        is_minimal = self.profile == "minimal"
        self.abilities = types.ClientCapabilities() if is_minimal else client_capabilities(self.profile)
        self.init = await client.initialize_session(
            types.InitializeParams(
                capabilities=self.abilities,
                root_uri=self.folder.as_uri(),
                workspace_folders=[types.WorkspaceFolder(self.folder.as_uri(), "workspace")],
            )
        )
        self.offers = self.init.capabilities
        self.encoding = types.PositionEncodingKind(self.offers.position_encoding or "utf-16").value

    def _refresh(self, method: str) -> Any:
        def refresh(*_: object) -> None:
            self.refreshed.append(method)

        return refresh

    # --- texts -------------------------------------------------------------------------------

    def open(self, text: str, name: str = "", *, save: bool = False) -> Place:
        """Open a text. `│` in it is the cursor, taken out; the place of the cursor comes back."""
        path = self.folder / (name or f"text{next(self._names)}.lingua")
        offset = text.find("│")
        text = text.replace("│", "", 1)
        if save:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
        uri = path.as_uri()
        self.texts[uri], self.versions[uri] = text, 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "lingua", 1, text))
        )
        return Place(self, uri, max(offset, 0))

    def change(self, uri: str, changes: Sequence[tuple[int, int, str]]) -> None:
        """Replace `[start, end)` by a text, one after the other, as one version."""
        sent = []
        text = self.texts[uri]
        for start, end, new in changes:
            sent.append(
                types.TextDocumentContentChangePartial(
                    types.Range(self.position(text, start), self.position(text, end)), new
                )
            )
            text = text[:start] + new + text[end:]
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(self.versions[uri], uri), sent)
        )

    def close(self, uri: str) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    # --- places, counted independently of the server -------------------------------------------

    def position(self, text: str, offset: int) -> types.Position:
        if text[offset - 1 : offset + 1] == "\r\n":
            offset += 1  # no place of its own
        before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
        line = before.count("\n")
        column = before[before.rfind("\n") + 1 :]
        if self.encoding == "utf-8":
            return types.Position(line, len(column.encode()))
        if self.encoding == "utf-16":
            return types.Position(line, len(column.encode("utf-16-le")) // 2)
        return types.Position(line, len(column))

    def offset(self, text: str, position: types.Position) -> int:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        start = 0
        for line in lines[: position.line]:
            start += len(line)
            start += 2 if text[start : start + 2] == "\r\n" else 1
        for offset in range(start, len(text) + 1):
            if self.position(text, offset) == position:
                return offset
        raise AssertionError(f"{position} is no place of the text")

    def at(self, uri: str, range: types.Range) -> str:
        """The text at a range."""
        text = self.texts[uri]
        return text[self.offset(text, range.start) : self.offset(text, range.end)]

    def applied(self, uri: str, edits: Sequence[types.TextEdit]) -> str:
        """The text with `edits` made."""
        text = self.texts[uri]
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            text = (
                text[: self.offset(text, edit.range.start)] + edit.new_text + text[self.offset(text, edit.range.end) :]
            )
        return text

    # --- diagnostics ---------------------------------------------------------------------------

    @property
    def pulls(self) -> bool:
        return self.abilities.text_document is not None and self.abilities.text_document.diagnostic is not None

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What is wrong with the text as it is now: asked for, or waited for, as the client does it."""
        if self.pulls:
            report = await self.client.text_document_diagnostic_async(
                types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            )
            return list(report.items)
        return await self._pushed(uri)

    async def _pushed(self, uri: str) -> list[types.Diagnostic]:
        for _ in range(400):
            found = self.pushed.get(uri)
            if found is not None and found.version == self.versions[uri]:
                return list(found.diagnostics)
            await asyncio.sleep(0.025)
        raise AssertionError("no diagnostics came")


class Place:
    """A text and an offset in it."""

    def __init__(self, editor: Editor, uri: str, offset: int) -> None:
        self.editor = editor
        self.uri = uri
        self.offset = offset

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    @property
    def text(self) -> str:
        return self.editor.texts[self.uri]

    @property
    def position(self) -> types.Position:
        return self.editor.position(self.text, self.offset)

    def of(self, word: str, nth: int = 0) -> types.Position:
        """Start of the nth occurrence of `word`."""
        offset = -1
        for _ in range(nth + 1):
            offset = self.text.index(word, offset + 1)
        return self.editor.position(self.text, offset)

    def range(self, word: str, nth: int = 0) -> types.Range:
        start = self.of(word, nth)
        offset = self.editor.offset(self.text, start)
        return types.Range(start, self.editor.position(self.text, offset + len(word)))

    def at(self, range: types.Range) -> str:
        return self.editor.at(self.uri, range)

    def ask(self, kind: type[Any], **more: Any) -> Any:
        """Parameters of a request about this place."""
        return kind(text_document=self.document, position=self.position, **more)


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND), params=PROFILES)
async def client(request, lsp_client: LanguageClient, tmp_path_factory) -> AsyncIterator[None]:
    folder = tmp_path_factory.mktemp("workspace")
    editor = Editor(lsp_client, folder, request.param)
    lsp_client.lingua_editor = editor
    await editor.start()
    yield
    await lsp_client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    return client.lingua_editor


@pytest.fixture(scope="module")
def make_editor() -> type[Editor]:
    return Editor
