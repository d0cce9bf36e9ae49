"""What must be true before a deployment may begin: found now, and not by its first order."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from lingua.compiler import Compiled
from lingua_runtime.account import Account
from lingua_runtime.control import MOST_LATE_ENTRIES, Mode
from lingua_runtime.ports import Venue
from lingua_runtime.strategies import Terms

GIVEN = (Mode.LIVE, Mode.SEMI)


async def deployable(
    compiled: Compiled, terms: Terms, mode: Mode, account: Account, venue: Venue, options: Mapping[str, Any],
    replaced: Container[str] = (),
) -> list[str]:  # fmt: skip
    """What stands against it, in words; empty when nothing does. `replaced` are the deployments whose money it takes
    over. Raises VenueError."""
    problems = []
    if str(mode) not in account.config.modes:
        problems.append(f"account {account.name} allows {', '.join(account.config.modes)}, not {mode}")
    late = options.get("late_entries", 0)
    if isinstance(late, bool) or not isinstance(late, int) or not 0 <= late <= MOST_LATE_ENTRIES:
        problems.append(f"late_entries is a number of bars from 0 to {MOST_LATE_ENTRIES}, not {late!r}")
    if mode not in GIVEN:
        return problems
    if venue.account is None:
        return [*problems, f"account {account.name} has bars and no account: only advisory and paper run on it"]
    if options.get("confirm") is not True:
        problems.append(
            f"mode {mode} sends real orders: say so with `--confirm`; the second confirmation is `lingua arm`"
        )
    for listing in terms.listings[: len(terms.symbols)]:
        symbol = listing.instrument.symbol
        if not listing.is_open:
            problems.append(f"{symbol} is not traded at the moment")
    problems += _kinds(compiled, venue)
    quote = terms.listings[0].quote
    free = sum(balance.free for balance in await venue.account.balances() if balance.asset == quote)
    others = sum(owner.cash for owner in account.owners if owner.id not in replaced)
    if math.isfinite(free) and terms.capital > (free - others) * (1 + 1e-9):
        kept = f", of which {others:,.2f} are other deployments'" if others else ""
        problems.append(f"the capital is {terms.capital:,.2f} {quote} and {free:,.2f} are free{kept}; say `--capital`")
    return problems


def _kinds(compiled: Compiled, venue: Venue) -> list[str]:
    """Orders of the program that the venue does not know."""
    assert venue.account is not None
    known, problems = venue.account.capabilities.kinds, []
    for rule in compiled.program.rules:
        for group in (rule.group, rule.otherwise):
            for action in group.actions if group is not None else ():
                kind = action.order.kind
                if kind not in known and kind not in ("market", "open", "auction", "twap", "vwap"):
                    problems.append(f"rule {rule.name} sends a {kind.replace('_', '-')} order, and the venue has none")
    return list(dict.fromkeys(problems))
