"""Diagnostics, pushed to clients that cannot ask and answered to those that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.compiler import compile_source
from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua_lsp.documents import Document

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}


def register(server: LinguaServer) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="lingua")

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        document = server.documents.get(params.text_document.uri)
        return types.RelatedFullDocumentDiagnosticReport(items=check(document) if document else [])

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        publish(server, params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        publish(server, params.text_document.uri)


def publish(server: LinguaServer, uri: str) -> None:
    asks = server.client_capabilities.text_document
    document = server.documents.open.get(uri)
    if document is None or (asks is not None and asks.diagnostic is not None):
        return
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, check(document), document.version))


def check(document: Document) -> list[types.Diagnostic]:
    found = compile_source(document.source, path=document.path)
    return [shown(document, each) for each in found.problems if each.source is document.source]


def shown(document: Document, item: Diagnostic) -> types.Diagnostic:
    return types.Diagnostic(
        range=document.range(item.span),
        message=item.message,
        severity=SEVERITIES[item.severity],
        code=item.code.number,
        source="lingua",
    )
