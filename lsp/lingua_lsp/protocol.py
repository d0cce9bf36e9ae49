"""How messages reach the server: pygls, with documents of our own.

pygls splits lines as Python does, at form feeds and other signs too; an editor does not, and edits would land on
other lines.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol, lsp_method

from lingua_lsp.documents import Document

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

Steps = Generator[Any, Any, None]


class Protocol(LanguageServerProtocol):
    """Keeps `server.documents` in step with the client, then calls the handlers of features."""

    @property
    def lingua(self) -> LinguaServer:
        return cast("LinguaServer", self._server)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Steps:
        item = params.text_document
        documents = self.lingua.documents
        documents.put(Document(item.uri, item.text, item.version, documents.encoding))
        yield from self._then(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Steps:
        documents = self.lingua.documents
        before = documents.open.get(params.text_document.uri)
        if before is not None:
            documents.put(before.changed(params.content_changes, params.text_document.version))
            yield from self._then(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Steps:
        self.lingua.documents.close(params.text_document.uri)
        yield from self._then(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _then(self, method: str, params: object) -> Steps:
        handler = self.fm.features.get(method)
        if handler is not None:
            yield handler, (params,), None
