"""Logs as one JSON object a line: `ts` (UTC, ISO 8601), `level`, `event`, and what else is known. Text from outside
cannot begin a line of its own, and every line passes the redactor last."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from lingua_runtime.observe.redact import REDACTOR

LONGEST = 8_000
"""Characters of one value; what is longer is cut and says so."""


def configure(stream: TextIO | None = None, level: str = "info") -> None:
    """Send structlog's and the standard library's logs to `stream` (standard error by default) as JSON lines."""
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redacted,
                line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Requests are logged by the interface itself, with who asked. The others tell at `info` what is nobody's concern.
    for name in ("uvicorn.access", "apprise", "websockets", "urllib3", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Any:
    """A structlog logger: `logger("node").info("started", deployments=3)`."""
    return structlog.stdlib.get_logger(name)


def redacted(_: Any, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    event.pop("color_message", None)  # uvicorn's text once more, with escapes for a terminal
    found: Mapping[str, Any] = REDACTOR.data(event)
    return {name: _shortened(value) for name, value in found.items()}


def line(_: Any, __: str, event: Mapping[str, Any]) -> str:
    first = {name: event[name] for name in ("ts", "level", "event") if name in event}
    return json.dumps({**first, **{name: event[name] for name in event if name not in first}}, default=str)


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[:LONGEST]}… ({len(value)} characters)"
    return value
