"""The server: what it knows of the workspace, and the features that are registered on it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lingua import __version__
from lingua_lsp import diagnostics, session
from lingua_lsp.documents import Documents
from lingua_lsp.processes import Worker
from lingua_lsp.protocol import Protocol
from lingua_lsp.workspace import Workspace

Handler = TypeVar("Handler", bound=Callable[..., Any])
FEATURES = (session, diagnostics)
log = logging.getLogger("lingua")


class LinguaServer(LanguageServer):
    """One client's server. `space` holds the texts; `checks` and `runs` are processes for what takes long."""

    def __init__(self) -> None:
        super().__init__("lingua", __version__, protocol_cls=Protocol)
        self.space = Workspace()
        self.checks = Worker()
        self.runs = Worker()
        self.checker = diagnostics.Checker(self)
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
        """Register the handler of a method. A fault in it is logged and answered with nothing: one feature that fails
        on some text must not take the editor's other features away."""

        def register(handler: Handler) -> Handler:
            if inspect.iscoroutinefunction(handler):

                @functools.wraps(handler)
                async def answer(params: Any) -> Any:
                    try:
                        return await handler(params)
                    except asyncio.CancelledError:
                        raise
                    except Exception:
                        log.exception("%s", method)
                        return None
            else:

                @functools.wraps(handler)
                def answer(params: Any) -> Any:
                    try:
                        return handler(params)
                    except Exception:
                        log.exception("%s", method)
                        return None

            self.feature(method, options)(answer)
            return handler

        return register

    @contextlib.asynccontextmanager
    async def working(
        self, title: str, token: types.ProgressToken | None = None, *, cancellable: bool = False
    ) -> AsyncIterator[Callable[[int, int], None]]:
        """Show that something takes long: what comes back is called with (done, total). `token` is the client's own,
        else one is asked for; nothing is shown by a client that cannot."""
        window = self.client_capabilities.window
        if token is None and window is not None and window.work_done_progress:
            token = str(uuid.uuid4())
            await self.work_done_progress.create_async(token)
        if token is None:
            yield lambda done, total: None
            return
        given = token
        self.work_done_progress.begin(
            given, types.WorkDoneProgressBegin(title=title, percentage=0, cancellable=cancellable)
        )
        shown = -1

        def report(done: int, total: int) -> None:
            nonlocal shown
            percentage = 100 * done // max(total, 1)
            if percentage != shown:
                shown = percentage
                self.work_done_progress.report(given, types.WorkDoneProgressReport(percentage=percentage))

        try:
            yield report
        finally:
            self.work_done_progress.end(given, types.WorkDoneProgressEnd())

    def stop_workers(self) -> None:
        self.checks.stop()
        self.runs.stop()
