"""Diagnostics, pushed to clients that cannot ask and answered to those that can.

Small files are checked whole after every edit. For a larger one the items that the edit touched are checked at once,
and the whole file beside the server; when that says something else, it is told again.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from lingua.analysis.checks import Checked, check, recheck
from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.syntax.source import Span
from lingua_lsp.documents import Document
from lingua_lsp.processes import JobFailed
from lingua_lsp.workspace import Text

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
WAIT_S = 0.02
"""After a keystroke, for the next one."""
PAUSE_S, MOST_PAUSES = 0.15, 20
"""The whole of a large file is checked when nothing was typed for so long, or after so many times that."""
LARGE = 40_000
"""Characters; the first check of a larger file is made beside the server too."""
QUICK_S = 0.03
"""A whole check that takes no longer is made at once."""


@dataclass
class State:
    """What is known of one open text. `told` is what the client was given last."""

    last: Checked | None = None
    whole: Checked | None = None
    told: list[types.Diagnostic] | None = None
    seconds_per_character: float = 1e-5
    pending: asyncio.Task[None] | None = None
    whole_check: asyncio.Task[None] | None = None
    mark: int = 0
    """Counts what was found, for clients that ask whether there is anything new."""


class Checker:
    """Keeps the diagnostics of every open text."""

    def __init__(self, server: LinguaServer) -> None:
        self.server = server
        self.states: dict[str, State] = {}

    def state(self, uri: str) -> State:
        return self.states.setdefault(uri, State())

    def forget(self, uri: str) -> None:
        state = self.states.pop(uri, None)
        for task in (state.pending, state.whole_check) if state is not None else ():
            if task is not None:
                task.cancel()

    def now(self, text: Text) -> Checked:
        """The diagnostics of a text as good as they can be had at once."""
        state = self.state(text.document.uri)
        if state.last is not None and state.last.view is text.view:
            return state.last
        expected = state.seconds_per_character * len(text.document.source.text)
        if state.whole is None or expected < QUICK_S:
            return self._set_whole(text, self._check_here(text, state))
        state.last = recheck(text.view, state.whole, self.server.space.open_texts())
        state.mark += 1
        self._check_beside(text)
        return state.last

    async def ready(self, text: Text) -> None:
        """Wait for the first check of a large file, which is made beside the server."""
        state = self.state(text.document.uri)
        if state.whole is None and len(text.document.source.text) > LARGE:
            self._check_beside(text)
            if state.whole_check is not None:
                await asyncio.wait([state.whole_check])

    def _check_here(self, text: Text, state: State) -> tuple[Diagnostic, ...]:
        began = time.perf_counter()
        source = text.document.source
        problems = check(source, text.document.path, self.server.space.open_texts())
        spent = (time.perf_counter() - began) / max(len(source.text), 200)
        state.seconds_per_character = spent
        return problems

    def _set_whole(self, text: Text, problems: tuple[Diagnostic, ...]) -> Checked:
        state = self.state(text.document.uri)
        state.whole = state.last = Checked(text.view, problems, True)
        state.mark += 1
        return state.whole

    # --- the whole file, beside the server ---------------------------------------------------

    def _check_beside(self, text: Text) -> None:
        state = self.state(text.document.uri)
        if state.whole_check is None or state.whole_check.done():
            state.whole_check = asyncio.get_running_loop().create_task(self._whole_check(text.document.uri))

    async def _whole_check(self, uri: str) -> None:
        """Check the text as it is once typing pauses; again if it changed meanwhile."""
        while True:
            text = await self._at_rest(uri)
            if text is None:
                return
            document = text.document
            try:
                problems = await self.server.checks.run(
                    "check", document.source.text, document.source.name, str(document.path) if document.path else None,
                    self.server.space.open_texts(),
                )  # fmt: skip
            except JobFailed:
                return
            now = self.server.space.get(uri)
            if now is None or uri not in self.states:
                return
            own = tuple([_with_source(each, document) for each in problems])
            if now.view is text.view:
                self._set_whole(text, own)
                self._tell_again(text)
                return
            # Good as a base for what was typed since.
            self.state(uri).whole = Checked(text.view, own, True)

    async def _at_rest(self, uri: str) -> Text | None:
        """The text once nobody has typed for a moment, or has typed for long; at once if it was never checked."""
        for _ in range(MOST_PAUSES):
            text = self.server.space.get(uri)
            if text is None or uri not in self.states or self.states[uri].whole is None:
                return text if uri in self.states else None
            await asyncio.sleep(PAUSE_S)
            now = self.server.space.get(uri)
            if now is not None and now.view is text.view:
                return text
        return self.server.space.get(uri) if uri in self.states else None

    def _tell_again(self, text: Text) -> None:
        """Give the client what the whole check found, if it has something else."""
        state = self.state(text.document.uri)
        if state.told is None or state.told == [
            shown(self.server, text.document, each) for each in self.now(text).problems
        ]:
            return
        if self.server.pulls:
            workspace = self.server.client_capabilities.workspace
            if workspace is not None and workspace.diagnostics is not None and workspace.diagnostics.refresh_support:
                self.server.workspace_diagnostic_refresh(None)
        else:
            self.publish(text)

    # --- telling -----------------------------------------------------------------------------

    def mark(self, text: Text) -> str:
        """Changes with what is found."""
        self.now(text)
        return f"{text.document.version}.{self.state(text.document.uri).mark}"

    def items(self, text: Text) -> list[types.Diagnostic]:
        state = self.state(text.document.uri)
        state.told = [shown(self.server, text.document, each) for each in self.now(text).problems]
        return state.told

    def publish(self, text: Text) -> None:
        self.server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(text.document.uri, self.items(text), text.document.version)
        )

    def changed(self, uri: str, wait_s: float) -> None:
        """A text is new or different: push its diagnostics after a moment, and those of texts that import it."""
        for each in {uri, *self._importers(uri)}:
            if each != uri:
                state = self.states.get(each)
                if state is not None:
                    # What it says depends on another text: nothing known of it holds any more.
                    state.last = state.whole = None
            if not self.server.pulls and each in self.server.documents.open:
                state = self.state(each)
                if state.pending is not None:
                    state.pending.cancel()
                state.pending = asyncio.get_running_loop().create_task(self._publish_soon(each, wait_s))

    def _importers(self, uri: str) -> list[str]:
        text = self.server.space.get(uri)
        if text is None or text.document.path is None:
            return []
        found: list[str] = []
        for other in list(self.server.documents.open.values()):
            if other.uri == uri:
                continue
            view = self.server.space.get(other.uri)
            if view is not None and any(
                view.view.import_path(item.path) == text.document.path for _, item in view.view.imports
            ):
                found.append(other.uri)
        return found

    async def _publish_soon(self, uri: str, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        text = self.server.space.get(uri)
        if text is not None and uri in self.server.documents.open:
            await self.ready(text)
        text = self.server.space.get(uri) if uri in self.server.documents.open else None
        if text is not None:
            self.publish(text)


def register(server: LinguaServer) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="lingua")

    @server.on(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        text = server.space.get(params.text_document.uri)
        if text is not None:
            await server.checker.ready(text)
            text = server.space.get(params.text_document.uri)
        if text is None:
            return types.RelatedFullDocumentDiagnosticReport(items=[])
        items = server.checker.items(text)
        mark = server.checker.mark(text)
        if params.previous_result_id == mark:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=mark)
        return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=mark)

    @server.on(types.WORKSPACE_DIAGNOSTIC)
    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        reports: list[types.WorkspaceDocumentDiagnosticReport] = []
        known = {each.uri: each.value for each in params.previous_result_ids}
        async with server.working("Checking the workspace", params.work_done_token) as progress:
            texts = list(server.space.everything())
            for number, text in enumerate(texts):
                progress(number, len(texts))
                await asyncio.sleep(0)
                reports.append(_report(server, text, known.get(text.document.uri)))
        return types.WorkspaceDiagnosticReport(reports)

    @server.on(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.checker.changed(params.text_document.uri, 0)
        server.results.try_quietly(params.text_document.uri)

    @server.on(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.collector.changed()
        server.checker.changed(params.text_document.uri, WAIT_S)

    @server.on(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=False))
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.checker.changed(params.text_document.uri, 0)
        server.results.try_quietly(params.text_document.uri)

    @server.on(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.checker.forget(uri)
        server.space.forget(uri)
        server.tokens.forget(uri)
        server.results.forget(uri)
        if not server.pulls:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            server.checker.changed(change.uri, WAIT_S)


def _report(server: LinguaServer, text: Text, known: str | None) -> types.WorkspaceDocumentDiagnosticReport:
    document = text.document
    if document.uri in server.documents.open:
        items = server.checker.items(text)
        mark = server.checker.mark(text)
    else:
        source = document.source
        problems = check(source, document.path, server.space.open_texts())
        items = [shown(server, document, each) for each in problems]
        mark = f"d{hash((source.text, len(items)))}"
    if known == mark:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(document.uri, mark, document.version)
    return types.WorkspaceFullDocumentDiagnosticReport(document.uri, items, document.version, result_id=mark)


def _with_source(problem: Diagnostic, document: Document) -> Diagnostic:
    from dataclasses import replace

    return replace(problem, source=document.source)


def shown(server: LinguaServer, document: Document, item: Diagnostic) -> types.Diagnostic:
    """A diagnostic as the protocol has it: the mend belongs to the message, further places to the related ones."""
    message = "\n".join(
        [item.message, *([f"help: {item.help}"] if item.help else []), *map("note: {}".format, item.notes)]
    )
    related = [
        types.DiagnosticRelatedInformation(document.location(label.span), label.text or item.label or "see here")
        for label in item.labels
    ]
    span = item.span if item.span.end > item.span.start else Span(item.span.start, item.span.start + 1)
    return types.Diagnostic(
        range=document.range(span),
        message=message,
        severity=SEVERITIES[item.severity],
        code=item.code.number,
        code_description=None,
        source="lingua",
        tags=[types.DiagnosticTag.Unnecessary] if item.code.slug == "unused-name" else None,
        related_information=related or None,
        data={"slug": item.code.slug},
    )
