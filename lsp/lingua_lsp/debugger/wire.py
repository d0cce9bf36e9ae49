"""Messages of the Debug Adapter Protocol: JSON after a head with its length, as the protocol's overview says
(microsoft.github.io/debug-adapter-protocol, "Base protocol")."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

Message = dict[str, Any]
LARGEST = 64 * 1024 * 1024


class Wire:
    """One client's messages, in and out."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests = requests
        self._answers = answers
        self._count = 0

    def read(self) -> Message | None:
        """The next message; None when the client has left or speaks something else."""
        length = -1
        while line := self._requests.readline():
            text = line.decode("latin-1").strip()
            if not text:
                break
            name, _, value = text.partition(":")
            if name.strip().lower() == "content-length" and value.strip().isdecimal():
                length = int(value)
        if not 0 <= length <= LARGEST:
            return None
        body = self._requests.read(length)
        if len(body) < length:
            return None
        try:
            message = json.loads(body)
        except ValueError:
            return None
        return message if isinstance(message, dict) else None

    def event(self, name: str, body: Message | None = None) -> None:
        self._send({"type": "event", "event": name, "body": body or {}})

    def answer(self, request: Message, body: Message | None = None) -> None:
        self._send(self._reply(request, True) | {"body": body or {}})

    def refuse(self, request: Message, why: str, *, is_shown: bool = False) -> None:
        """`is_shown`: the editor shows it to the user, who has to mend something."""
        error = {"id": 1, "format": why.replace("{", "(").replace("}", ")"), "showUser": is_shown}
        self._send(self._reply(request, False) | {"message": why, "body": {"error": error}})

    def _reply(self, request: Message, success: bool) -> Message:
        return {
            "type": "response", "request_seq": request.get("seq", 0), "command": request.get("command", ""),
            "success": success,
        }  # fmt: skip

    def _send(self, message: Message) -> None:
        self._count += 1
        body = json.dumps({"seq": self._count, **message}, ensure_ascii=False, allow_nan=False).encode(
            "utf-8", "surrogatepass"
        )
        self._answers.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._answers.flush()
