"""What the server answers when it says no: the codes that Binance documents, and what leads to each.

Source: https://developers.binance.com/docs/binance-spot-api-docs/errors and .../filters.
"""

from __future__ import annotations

from typing import Any

from lingua_adapters.simulator.matching import Denied


class Refusal(Exception):
    """An answer with an HTTP status and a code of the exchange."""

    def __init__(self, code: int, text: str, status: int = 400, data: Any = None, wait_s: int = 0) -> None:
        super().__init__(text)
        self.code, self.text, self.status, self.data, self.wait_s = code, text, status, data, wait_s

    def body(self) -> dict[str, Any]:
        return {"code": self.code, "msg": self.text, **({"data": self.data} if self.data is not None else {})}


REJECTIONS = {
    "BALANCE": "Account has insufficient balance for requested action.",
    "DUPLICATE": "Duplicate order sent.",
    "WOULD_TAKE": "Order would immediately match and take.",
    "WOULD_TRIGGER": "Stop price would trigger immediately.",
    "MARKET_CLOSED": "Market is closed.",
    "BAD_ORDER": "The relationship of the prices for the orders is not correct.",
}


def refusal_of(denied: Denied) -> Refusal:
    """How the exchange puts a refusal of the matching."""
    reason = denied.reason
    if reason == "UNKNOWN_SYMBOL":
        return Refusal(-1121, "Invalid symbol.")
    if reason == "UNKNOWN_ORDER":
        return Refusal(-2011, "Unknown order sent.")
    if reason in REJECTIONS:
        return Refusal(-2010, REJECTIONS[reason])
    return Refusal(-1013, f"Filter failure: {reason}")


def missing(name: str) -> Refusal:
    return Refusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def not_required(name: str) -> Refusal:
    return Refusal(-1106, f"Parameter '{name}' sent when not required.")
