"""What fees cost that a venue takes in an asset of its own (BNB at Binance), in what the symbol is paid with.

The venue's price of the asset is asked for (`Quote`) when such a fee comes and no price is known that is younger than
FRESH_S; what it answers is a fact of the journal, so that a journal told again gives the same money. A fee is booked
with the newest price that is known when its bar has closed. While there is none, it is booked as the commission that
the program itself states, with an alarm that says so, and put right as soon as a price is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from lingua_runtime.commands import Alarm, Command, Level, Quote
from lingua_runtime.ports import FillReport, Listing

SECOND = 1_000_000_000
FRESH_S = 60


class Fees:
    """Of one deployment. `commission` is the share of notional that its program states."""

    def __init__(self, listings: Mapping[str, Listing], commission: float) -> None:
        self._listings = listings
        self._commission = commission
        self._rates: dict[tuple[str, str], float] = {}
        self._asked: dict[tuple[str, str], tuple[int, int]] = {}
        """When a price was asked for last, and how often in vain."""
        self._estimated: dict[tuple[str, str], list[tuple[str, float, float]]] = {}
        """(symbol, amount of the asset, money booked) of fees whose price was not known."""
        self._corrections: list[tuple[str, float]] = []
        self._is_told: set[tuple[str, str]] = set()

    def wanted(self, fill: FillReport, now: int) -> list[Command]:
        """The price to be asked for because of an execution, if any."""
        key = self._key(fill)
        return [] if key is None else self._ask(key, now)

    def overdue(self, now: int) -> list[Command]:
        """The prices that estimates wait for, asked for less and less often."""
        return [command for key in self._estimated for command in self._ask(key, now)]

    def _ask(self, key: tuple[str, str], now: int) -> list[Command]:
        asked, tries = self._asked.get(key, (-(2**62), 0))
        if now - asked < FRESH_S * SECOND * 2 ** min(tries, 6):
            return []
        self._asked[key] = now, tries
        return [Quote(*key)]

    def unanswered(self) -> list[Command]:
        """What was asked for and is not known: an interruption may have taken the answer."""
        return [Quote(*key) for key in self._asked if key not in self._rates]

    def told(self, asset: str, currency: str, price: float, now: int) -> list[Alarm]:
        """The answer; a price that is none (NaN) is an alarm, once until there is one."""
        key = asset, currency
        asked, tries = self._asked.get(key, (now, 0))
        if not 0.0 < price < float("inf"):
            self._asked[key] = asked, tries + 1
            if key in self._is_told:
                return []
            self._is_told.add(key)
            text = (
                f"a fee in {asset} has no price in {currency}: it is counted as the {self._commission:.3%} that the "
                "program states, until there is one"
            )
            return [Alarm(Level.WARNING, "fee", text)]
        self._is_told.discard(key)
        self._asked[key] = asked, 0
        self._rates[key] = price
        for symbol, amount, booked in self._estimated.pop(key, ()):
            self._corrections.append((symbol, amount * price - booked))
        return []

    def fee(self, fill: FillReport) -> float:
        """The fee of an execution in what its symbol is paid with, as it is booked now."""
        listing = self._listings[fill.symbol]
        key = self._key(fill)
        if key is None:
            return fill.fee * fill.price if fill.fee and fill.fee_asset == listing.base else fill.fee
        rate = self._rates.get(key)
        if rate is not None:
            return fill.fee * rate
        money = self._commission * fill.quantity * fill.price * listing.instrument.multiplier
        self._estimated.setdefault(key, []).append((fill.symbol, fill.fee, money))
        return money

    def corrections(self) -> list[tuple[str, float]]:
        """Money by which estimates were too low (too high: negative), each told once."""
        found, self._corrections = self._corrections, []
        return found

    def _key(self, fill: FillReport) -> tuple[str, str] | None:
        """The asset and the currency of a fee that is in neither side of its symbol."""
        listing = self._listings[fill.symbol]
        is_own = fill.fee == 0.0 or fill.fee_asset in ("", listing.quote, listing.base)
        return None if is_own else (fill.fee_asset, listing.quote)
