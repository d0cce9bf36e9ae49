"""What an error of ccxt means for what may be done next: by its class, which ccxt chooses by the exchange's code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import ccxt

from lingua_runtime.ports import NotDone, NotFound, OutcomeUnknown, Refused, VenueError

NOT_FOUND = (ccxt.OrderNotFound,)
NOT_DONE = (ccxt.DDoSProtection, ccxt.RateLimitExceeded, ccxt.InvalidNonce)
UNKNOWN = (ccxt.OperationFailed, ccxt.ExchangeClosedByUser)
"""Time-outs, resets, 5xx. A maintenance that is told beforehand is among them: ccxt has one class for both."""
REFUSED = (
    ccxt.BadRequest, ccxt.InvalidOrder, ccxt.InsufficientFunds, ccxt.AuthenticationError, ccxt.NotSupported,
    ccxt.ArgumentsRequired, ccxt.BadSymbol, ccxt.OperationRejected, ccxt.InvalidAddress,
)  # fmt: skip
WAIT_S = 1.0
MOST_TEXT = 200


def error_of(problem: BaseException, secrets: tuple[str, ...] = ()) -> VenueError:
    """One of the four. An error of no known class says nothing about what was done."""
    why = clean(f"{type(problem).__name__}: {problem}", secrets)
    name = type(problem).__name__
    if isinstance(problem, VenueError):
        return problem
    if never_left(problem):
        return NotDone(f"no connection: {name}", name, WAIT_S)
    if isinstance(problem, NOT_FOUND):
        return NotFound(why, name)
    if isinstance(problem, NOT_DONE):
        return NotDone(why, name, WAIT_S)
    if isinstance(problem, UNKNOWN):
        return OutcomeUnknown(why, name)
    if isinstance(problem, REFUSED):
        return Refused(why, name)
    if isinstance(problem, ccxt.BaseError):
        return OutcomeUnknown(why, name)
    return OutcomeUnknown(f"the answer cannot be understood ({name})", name)


def never_left(problem: BaseException | None) -> bool:
    """Whether there was no connection over which anything could have been sent."""
    while problem is not None:
        if isinstance(problem, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def clean(text: str, secrets: tuple[str, ...]) -> str:
    """Without control signs, addresses' parameters (they are signed) and what is secret."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    words = [word.partition("?")[0] for word in text.split(" ")]
    return "".join(c if c.isprintable() else " " for c in " ".join(words))[:MOST_TEXT]


@asynccontextmanager
async def told(exchange: Any) -> AsyncIterator[None]:
    """What goes wrong in it becomes one of the four errors. A clock that was wrong is set right for the next time."""
    try:
        yield
    except Exception as problem:
        if isinstance(problem, ccxt.InvalidNonce) and exchange.has.get("fetchTime"):
            try:
                await exchange.load_time_difference()
            except Exception as other:
                raise error_of(other, (exchange.apiKey or "", exchange.secret or "")) from None
        raise error_of(problem, (exchange.apiKey or "", exchange.secret or "", exchange.password or "")) from None
