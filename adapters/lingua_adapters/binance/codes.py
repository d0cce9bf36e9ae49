"""What an error of Binance means for what may be done next: by status and code, never by its words.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/errors and .../rest-api/general-api-information:
an HTTP 5xx, -1006 and -1007 say nothing about whether the order was executed.
"""

from __future__ import annotations

from lingua_runtime.ports import NotDone, NotFound, OutcomeUnknown, Refused, VenueError

UNKNOWN = frozenset({-1000, -1001, -1006, -1007})
NOT_DONE = frozenset({-1003, -1008, -1015, -1016, -1021, -1034})
NOT_FOUND = frozenset({-2013, -2018, -2026})
CLOCK_IS_WRONG = -1021
ORDER_REFUSED = -2010
"""Also what a client id gives that works already, which only a look-up can tell."""
UNKNOWN_ORDER = -2011
BANNED_S = 120.0
LIMITED_S = 1.0
BLOCKED_S = 5.0


def error_of(status: int, code: int | None, text: str, wait_s: float) -> VenueError:
    """`code` None: the body held none. `wait_s` is that of `Retry-After`, 0 where there was none."""
    why, name = f"{text} ({code if code is not None else f'HTTP {status}'})", "" if code is None else str(code)
    if status in (429, 418):
        return NotDone(why, name, wait_s or (BANNED_S if status == 418 else LIMITED_S))
    if status == 403:  # the firewall: it never reached the exchange
        return NotDone(why, name, wait_s or BLOCKED_S)
    if code in NOT_DONE:
        return NotDone(why, name, wait_s)
    if code in UNKNOWN or status >= 500:
        return OutcomeUnknown(why, name)
    if code in NOT_FOUND:
        return NotFound(why, name)
    return Refused(why, name)
