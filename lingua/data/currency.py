"""The money an account is kept in: that of the prices it trades at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingua.data.bars import Bars
from lingua.data.errors import DataError
from lingua.ir.program import Program
from lingua.trading.instrument import DOLLARS


def account_notes(program: Program, traded: Sequence[Bars], data: Mapping[str, Bars]) -> list[str]:
    """What is to be said of the account's money: coins that count as dollars, and any other currency than dollars.

    Raises DataError when the symbols that are traded are priced in different currencies: their profits cannot be added
    without rates, and an account keeps one currency.
    """
    legs = {
        action.source
        for rule in program.rules
        for group in (rule.group, rule.otherwise)
        for action in (group.actions if group is not None else ())
    }
    acted_on = [*traded, *(bars for alias, bars in data.items() if alias in legs)]
    quotes = {bars.instrument.quote: bars.symbol for bars in reversed(acted_on)}
    kinds = {"USD" if quote in DOLLARS else quote for quote in quotes}
    if len(kinds) > 1:
        priced = " and ".join(f"{quotes[quote]} in {quote}" for quote in sorted(quotes, key=lambda q: quotes[q]))
        raise DataError(
            f"one account cannot add profits in different currencies: {priced}",
            mend="trade them in runs of their own; prices that are in one currency all the same need `quote` in the "
            "records of lingua.toml",
        )
    if len(quotes) > 1:
        return [f"{', '.join(sorted(quotes))} count as the same money"]
    return [f"the account is kept in {quote}" for quote in quotes if quote not in DOLLARS]
