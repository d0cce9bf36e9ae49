"""Everything of the interface, opened and closed together: what a node starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from lingua_runtime.api.app import create_app
from lingua_runtime.api.audit import Audit
from lingua_runtime.api.people import People, session_key
from lingua_runtime.api.server import Server
from lingua_runtime.api.settings import ApiSettings
from lingua_runtime.api.store import Store
from lingua_runtime.control import Control
from lingua_runtime.observe import timing
from lingua_runtime.observe.metrics import Metrics
from lingua_runtime.observe.notify import Notifier
from lingua_runtime.observe.watch import watch


class Service:
    """`database`: the node's, as SQLAlchemy writes it. `folder`: the node's own, where the console's key and the key of
    sessions lie, for its owner's eyes. Raises StoreError and SecretsError."""

    def __init__(
        self,
        control: Control,
        *,
        database: str,
        folder: Path,
        settings: ApiSettings | None = None,
        metrics: Metrics | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self.settings = settings if settings is not None else ApiSettings()
        self.metrics = metrics if metrics is not None else Metrics()
        self.control, self.notifier = control, notifier
        self.store = Store(database)
        self.audit = Audit(self.store)
        self.people = People(
            self.store,
            session_key=session_key(folder),
            session_s=self.settings.session_s,
            session_most_s=self.settings.session_most_s,
        )
        self.console_file = self.people.console_key(folder)
        self.app = create_app(
            control, people=self.people, audit=self.audit, settings=self.settings, metrics=self.metrics
        )
        self.server = Server(self.app, self.settings)
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """The address it answers at. Raises ServerError."""
        await self.server.start()
        self._deaf = timing.listen(self.metrics.took)
        self._watching = asyncio.ensure_future(watch(self.control, self.metrics, self.notifier))
        return self.server.url

    def greeting(self) -> str:
        """What a node prints when it has started: where it is, and how the first administrator comes to be."""
        lines = [f"dashboard and API: {self.server.url}"]
        if token := self.people.setup_token():
            lines += [f"there is no user yet: open the dashboard, or `lingua user add`; one-time token: {token}"]
        return "\n".join(lines)

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._deaf()
        await self.server.stop()
        if self.notifier is not None:
            await asyncio.to_thread(self.notifier.close)
        self.store.close()
