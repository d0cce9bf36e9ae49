"""Who asks: accounts with their keys, the signature of a request, and the time at which it was signed."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from lingua_adapters.simulator.binance.refusals import Refusal, missing

KEY = re.compile(r"[A-Za-z0-9_-]{3,128}")
AHEAD_MS = 1000
LONGEST_WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Account:
    """`may_trade` False: a key that only reads."""

    name: str
    key: str
    secret: str
    may_trade: bool = True


class Keys:
    def __init__(self, accounts: list[Account]) -> None:
        self._by_key = {account.key: account for account in accounts}

    @property
    def accounts(self) -> list[Account]:
        return list(self._by_key.values())

    def account(self, key: str) -> Account:
        """Raises Refusal for a key that is missing or unknown."""
        if not KEY.fullmatch(key or ""):
            raise Refusal(-2014, "API-key format invalid.", 401)
        account = self._by_key.get(key)
        if account is None:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return account

    def check(self, account: Account, payload: str, given: dict[str, str], now: int, *, is_timed: bool) -> None:
        """`payload` is what was signed. `is_timed` False: the clock of this exchange runs faster than the client's, so
        that the time of signing says nothing."""
        signature = given.get("signature", "")
        if not signature:
            raise missing("signature")
        stamp = given.get("timestamp", "")
        if not stamp:
            raise missing("timestamp")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 19):
            raise Refusal(-1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.")
        expected = hmac.new(account.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature.lower()):
            raise Refusal(-1022, "Signature for this request is not valid.")
        if not is_timed:
            return
        text = given.get("recvWindow", "5000") or "5000"
        try:
            window = float(text)
        except ValueError:
            window = -1.0
        if not 0 <= window <= LONGEST_WINDOW_MS:
            raise Refusal(-1131, "recvWindow must be less than 60000.")
        # Since 2025 stamps may be in microseconds.
        signed = int(stamp) // 1000 if len(stamp) >= 16 else int(stamp)
        if signed >= now + AHEAD_MS:
            raise Refusal(-1021, f"Timestamp for this request was {AHEAD_MS}ms ahead of the server's time.")
        if now - signed > window:
            raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")


def split_signature(text: str) -> str:
    """What was signed of a query string: everything but the signature."""
    return "&".join(part for part in text.split("&") if not part.startswith("signature="))


def pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))
