"""The parameters of a request: read one by one, and what was sent and not read is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from lingua_adapters.simulator.binance.refusals import Refusal, missing

SYMBOL = re.compile(r"[A-Z0-9-_.]{1,20}")
CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
NUMBER = re.compile(r"\d{1,20}(?:\.\d{1,20})?")
WHOLE = re.compile(r"\d{1,19}")
COMMON = {"timestamp", "recvWindow", "signature", "apiKey"}
DIGITS = 8


class Given:
    """Every getter takes the name of a parameter and raises Refusal for a value that is not of its kind."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name: value if isinstance(value, str) else _text(value) for name, value in values.items()}
        self._read: set[str] = set(COMMON)

    def __contains__(self, name: str) -> bool:
        self._read.add(name)
        return bool(self._values.get(name, ""))

    def text(self, name: str, default: str | None = None) -> str:
        self._read.add(name)
        value = self._values.get(name, "")
        if not value:
            if name in self._values and default is not None:
                raise Refusal(-1105, f"Parameter '{name}' was empty.")
            if default is None:
                raise missing(name)
            return default
        return value

    def symbol(self, default: str | None = None) -> str:
        value = self.text("symbol", default)
        if value and not SYMBOL.fullmatch(value):
            raise Refusal(
                -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."
            )
        return value

    def client_id(self, name: str, default: str = "") -> str:
        value = self.text(name, default)
        if value and not CLIENT_ID.fullmatch(value):
            raise Refusal(
                -1100,
                f"Illegal characters found in parameter '{name}'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{{1,36}}$'.",
            )
        return value

    def whole(self, name: str, default: int | None = None, *, most: int | None = None) -> int:
        value = self.text(name, "" if default is not None else None)
        if not value:
            assert default is not None
            return default
        if not WHOLE.fullmatch(value):
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
        number = int(value)
        if most is not None and number > most:
            return most
        return number

    def maybe_whole(self, name: str) -> int | None:
        return self.whole(name) if name in self else None

    def number(self, name: str, default: Decimal | None = None) -> Decimal:
        value = self.text(name, "" if default is not None else None)
        if not value:
            assert default is not None
            return default
        if not NUMBER.fullmatch(value):
            raise Refusal(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
            )
        number = Decimal(value)
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > DIGITS:
            raise Refusal(-1111, f"Parameter '{name}' has too much precision.")
        return number

    def choice(self, name: str, choices: Iterable[str], refusal: Refusal, default: str | None = None) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise refusal
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value not in ("true", "false"):
            raise Refusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is 'true|false'.")
        return value == "true"

    def refuse_rest(self) -> None:
        """Raises when something was sent that nobody asked for."""
        unread = [name for name in self._values if name not in self._read]
        if unread:
            raise Refusal(
                -1104,
                f"Not all sent parameters were read; read '{len(self._values) - len(unread)}' parameter(s) "
                f"but was sent '{len(self._values)}'.",
            )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, list):
        import json

        return json.dumps(value, separators=(",", ":"))
    return str(value)
