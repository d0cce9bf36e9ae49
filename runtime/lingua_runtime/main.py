"""A node as a process: its file is read, it stands where its journal ends, and it serves until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lingua_runtime.config import ConfigError, NodeConfig, read_config
from lingua_runtime.journal import JournalError
from lingua_runtime.node import Node
from lingua_runtime.venues import NoAdapter


class NodeError(Exception):
    """Why the node does not start, and what to do."""

    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


def serve(config_file: str, *, has_api: bool = True, say: Callable[[str], None] | None = None) -> int:
    """Run the node of a file until SIGINT or SIGTERM. Raises NodeError."""
    from lingua_runtime.secrets import Secrets, SecretsError

    path = Path(config_file)
    try:
        secrets = Secrets(_secrets_file(path))
        config = read_config(path, lambda name: _secret(secrets, name))
    except ConfigError as problem:
        raise NodeError(str(problem)) from None
    except SecretsError as problem:
        raise NodeError(str(problem), problem.mend) from None
    try:
        return asyncio.run(_serve(config, has_api, say or _say))
    except (JournalError, NoAdapter, ConfigError) as problem:
        raise NodeError(str(problem)) from None


def _secret(secrets: Any, name: str) -> str:
    found = secrets.find(name)
    if found is None:
        raise KeyError(name)
    return str(found.reveal())


def _secrets_file(path: Path) -> Path | None:
    """The encrypted file that the configuration names; looked for before anything else is read of it."""
    import tomllib

    try:
        named = tomllib.loads(path.read_text("utf-8")).get("secrets")
    except (OSError, ValueError):
        return None  # `read_config` says it better
    return path.parent / named if isinstance(named, str) else None


async def _serve(config: NodeConfig, has_api: bool, say: Callable[[str], None]) -> int:
    node = Node(config)
    await node.start()
    service = None
    try:
        if has_api:
            service = await _service(node, config)
            say(service.greeting())
        say("the node runs; Ctrl-C ends it and leaves everything at the venues as it is")
        await _told_to_end()
    finally:
        if service is not None:
            await service.stop()
        await node.end()
    return 0


async def _service(node: Node, config: NodeConfig) -> Any:
    from lingua_runtime.api.service import Service
    from lingua_runtime.api.settings import SettingsError, read
    from lingua_runtime.observe.logs import configure
    from lingua_runtime.observe.notify import Notifier, NotifyError

    configure()
    try:
        settings = read(config.api)
        addresses = config.notify.get("addresses", ())
        notifier = Notifier(addresses) if addresses else None
        url = config.journal if "://" in config.journal else f"sqlite:///{config.journal}"
        service = Service(node, database=url, folder=config.folder, settings=settings, notifier=notifier)
        await service.start()
    except (SettingsError, NotifyError) as problem:
        raise NodeError(str(problem)) from None
    except Exception as problem:
        if type(problem).__name__ in ("ServerError", "StoreError", "SecretsError"):
            raise NodeError(str(problem), getattr(problem, "mend", "")) from None
        raise
    return service


async def _told_to_end() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, told.set)
    await told.wait()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def repair(config_file: str) -> str:
    """Cut the journal of a node after its last whole record; what was done, in words. Raises NodeError."""
    from lingua_runtime.journal import Journal, cut

    try:
        journal = Journal(read_config(Path(config_file), lambda _: "").journal)
        dropped = cut(journal)
        journal.close()
    except (ConfigError, JournalError) as problem:
        raise NodeError(str(problem)) from None
    if not dropped:
        return "the journal is whole: nothing was cut"
    return f"{dropped:,} records were cut off; the next start asks the venues for what they told"
