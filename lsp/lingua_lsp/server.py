"""The server: what it knows of the workspace, and the features that are registered on it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lingua import __version__
from lingua_lsp import (
    actions,
    completion,
    diagnostics,
    formatting,
    hints,
    hover,
    navigation,
    results,
    session,
    symbols,
    tokens,
)
from lingua_lsp.documents import Documents
from lingua_lsp.memory import Collector
from lingua_lsp.processes import Worker
from lingua_lsp.protocol import Protocol
from lingua_lsp.settings import Settings
from lingua_lsp.workspace import Workspace

Handler = TypeVar("Handler", bound=Callable[..., Any])
FEATURES = (
    session, diagnostics, actions, completion, hover, navigation, symbols, tokens, formatting, hints, results,
)  # fmt: skip
log = logging.getLogger("lingua")


class LinguaServer(LanguageServer):
    """One client's server. `space` holds the texts; `checks`, `runs` and `quiet` are processes for what takes
    long: whole files, what the user asked for, what nobody asked for."""

    def __init__(self) -> None:
        super().__init__("lingua", __version__, protocol_cls=Protocol)
        self.space = Workspace()
        self.checks = Worker()
        self.runs = Worker()
        self.quiet = Worker()
        self.settings = Settings()
        self.checker = diagnostics.Checker(self)
        self.results = results.Results(self)
        self.tokens = tokens.Kept()
        self.collector = Collector()
        for feature in FEATURES:
            feature.register(self)

    @property
    def documents(self) -> Documents:
        return self.space.documents

    @property
    def was_told_to_stop(self) -> bool:
        """Whether the client asked for the end before it left."""
        return bool(self.protocol._shutdown)

    @property
    def pulls(self) -> bool:
        """Whether the client asks for diagnostics."""
        asks = self.client_capabilities.text_document
        return asks is not None and asks.diagnostic is not None

    def on(self, method: str, options: Any = None) -> Callable[[Handler], Handler]:
        """Register the handler of a method. A fault in it is logged and answered with nothing (a resolve: with what was
        to be resolved): one feature that fails on some text must not take the editor's other features away."""
        is_resolve = method.lower().endswith("resolve")

        def register(handler: Handler) -> Handler:
            @functools.wraps(handler)
            async def later(params: Any) -> Any:
                try:
                    return await handler(params)
                except asyncio.CancelledError:
                    raise
                except Exception:
                    log.exception("%s", method)
                    return params if is_resolve else None

            @functools.wraps(handler)
            def at_once(params: Any) -> Any:
                try:
                    return handler(params)
                except Exception:
                    log.exception("%s", method)
                    return params if is_resolve else None

            answer = later if inspect.iscoroutinefunction(handler) else at_once
            self.feature(method, options)(answer)
            return handler

        return register

    @contextlib.asynccontextmanager
    async def working(
        self, title: str, token: types.ProgressToken | None = None, *, cancellable: bool = False
    ) -> AsyncIterator[Working]:
        """Show that something takes long: what comes back is called with (done, total). `token` is the client's own,
        else one is asked for; nothing is shown by a client that cannot."""
        window = self.client_capabilities.window
        if token is None and window is not None and window.work_done_progress:
            token = str(uuid.uuid4())
            try:
                await self.work_done_progress.create_async(token)
            except Exception:
                log.info("the client shows no progress")
                token = None
        work = Working(self, token)
        if token is not None:
            begin = types.WorkDoneProgressBegin(title=title, percentage=0, cancellable=cancellable)
            self.work_done_progress.begin(token, begin)
        try:
            yield work
        finally:
            if token is not None:
                self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    # --- what the client can -----------------------------------------------------------------

    @property
    def _text(self) -> types.TextDocumentClientCapabilities:
        return self.client_capabilities.text_document or types.TextDocumentClientCapabilities()

    @property
    def snippets(self) -> bool:
        item = self._text.completion.completion_item if self._text.completion is not None else None
        return bool(item is not None and item.snippet_support)

    def item_documentation(self, markdown: str) -> types.MarkupContent | str:
        """Documentation of a choice, in a form the client reads."""
        item = self._text.completion.completion_item if self._text.completion is not None else None
        return self._documentation(markdown, item.documentation_format if item is not None else None)

    @property
    def hover_markdown(self) -> bool:
        return _reads_markdown(self._text.hover.content_format if self._text.hover is not None else None)

    def signature_documentation(self, markdown: str) -> types.MarkupContent | str:
        help = self._text.signature_help
        given = help.signature_information if help is not None else None
        return self._documentation(markdown, given.documentation_format if given is not None else None)

    def _documentation(self, markdown: str, formats: Sequence[types.MarkupKind] | None) -> types.MarkupContent | str:
        if not formats:
            return self.markup(markdown, False).value
        return self.markup(markdown, _reads_markdown(formats))

    @property
    def link_tooltips(self) -> bool:
        link = self._text.document_link
        return bool(link is not None and link.tooltip_support)

    @property
    def signature_offsets(self) -> bool:
        help = self._text.signature_help
        given = help.signature_information if help is not None else None
        information = given.parameter_information if given is not None else None
        return bool(information is not None and information.label_offset_support)

    @property
    def nested_symbols(self) -> bool:
        symbol = self._text.document_symbol
        return bool(symbol is not None and symbol.hierarchical_document_symbol_support)

    def markup(self, markdown: str, is_markdown: bool) -> types.MarkupContent:
        """Markdown, or the same as plain text for a client that shows it as it is."""
        if is_markdown:
            return types.MarkupContent(types.MarkupKind.Markdown, markdown)
        lines = [line for line in markdown.replace("**", "").split("\n") if not line.startswith("```")]
        return types.MarkupContent(types.MarkupKind.PlainText, "\n".join(lines).replace("`", ""))

    def workspace_edit(self, edits: Mapping[str, list[types.TextEdit]]) -> types.WorkspaceEdit:
        """Edits of several documents, with their versions where the client understands them."""
        workspace = self.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace is not None else None
        if edit is None or not edit.document_changes:
            return types.WorkspaceEdit(changes=dict(edits))
        changes = [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri, open.version if open is not None else None), each
            )
            for uri, each in edits.items()
            for open in (self.documents.open.get(uri),)
        ]
        return types.WorkspaceEdit(document_changes=changes)

    def plain(self, value: Any) -> Any:
        """A value of the protocol as plain data."""
        if isinstance(value, dict | list | str | int | float | bool) or value is None:
            return value
        if hasattr(value, "_asdict"):
            return {name: self.plain(each) for name, each in value._asdict().items()}
        return self.protocol._converter.unstructure(value)

    def stop_workers(self) -> None:
        self.checks.stop()
        self.runs.stop()
        self.quiet.stop()


class Working:
    """Something that takes long, as the client is shown it."""

    def __init__(self, server: LinguaServer, token: types.ProgressToken | None) -> None:
        self.server = server
        self.token = token
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        percentage = 100 * done // max(total, 1)
        if self.token is not None and percentage != self._shown:
            self._shown = percentage
            self.server.work_done_progress.report(self.token, types.WorkDoneProgressReport(percentage=percentage))

    def is_cancelled(self) -> bool:
        """Whether the user has asked for the end of it."""
        future = self.server.work_done_progress.tokens.get(self.token) if self.token is not None else None
        return future is not None and future.cancelled()


def _reads_markdown(formats: Sequence[types.MarkupKind] | None) -> bool:
    return formats is not None and types.MarkupKind.Markdown in formats
