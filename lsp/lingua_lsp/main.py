"""Start the server on the transport that was asked for."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

from lingua_lsp.server import LinguaServer


def serve(*, tcp: int | None = None, websocket: int | None = None, host: str = "127.0.0.1") -> int:
    """Serve one client until it leaves. Standard input and output, unless a port is given."""
    server = LinguaServer()
    if tcp is not None:
        server.start_tcp(host, tcp)
    elif websocket is not None:
        import pygls.io_

        pygls.io_.WebSocketWriter.write = _write_text  # type: ignore[method-assign]
        server.start_ws(host, websocket)
    else:
        server.start_io(stdout=_own_output())
    return 0 if server.was_told_to_stop else 1


def _own_output() -> BinaryIO:
    """The standard output, for messages alone: what anything else prints goes to the standard error."""
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return messages


def _write_text(self, data):  # type: ignore[no-untyped-def]
    # Browsers' clients read text frames; pygls sends binary ones.
    return self._ws.send(data.decode() if isinstance(data, bytes) else data)
