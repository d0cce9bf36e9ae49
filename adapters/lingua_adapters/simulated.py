"""An account at the exchange in this program: what the paper path, drills and tests trade on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from lingua_adapters.simulator.matching import ZERO, Denied, Exchange, Order, Status, Trade
from lingua_runtime.ports import (
    AccountEvent,
    Balance,
    Capabilities,
    FillReport,
    NotDone,
    NotFound,
    OrderReport,
    OrderRequest,
    OutcomeUnknown,
    Refused,
)
from lingua_runtime.states import State

STATES = {
    Status.NEW: State.ACCEPTED,
    Status.PARTIALLY_FILLED: State.PARTIALLY_FILLED,
    Status.FILLED: State.FILLED,
    Status.CANCELED: State.CANCELED,
    Status.REJECTED: State.REJECTED,
    Status.EXPIRED: State.EXPIRED,
}


@dataclass(slots=True)
class Faults:
    """Shares of requests and messages that go wrong: an answer lost before or after something was done, a refusal, a
    message told twice, never, or late; a withdrawal without an answer."""

    lost_before: float = 0.0
    lost_after: float = 0.0
    refused: float = 0.0
    busy: float = 0.0
    doubled: float = 0.0
    dropped: float = 0.0
    delayed: float = 0.0
    cancel_lost: float = 0.0


class SimulatedAccount:
    """`lingua_runtime.ports.Execution` on an `Exchange`. `pump` hands out the messages that are due; with `faults`
    things go wrong, by `seed` always the same ones."""

    capabilities = Capabilities(
        kinds=frozenset({"market", "limit", "stop", "stop_limit"}),
        has_brackets=True,
        has_icebergs=True,
        most_stops=1_000,
    )

    def __init__(self, exchange: Exchange, account: str = "me", faults: Faults | None = None, seed: int = 0) -> None:
        self.exchange = exchange
        self.name = account
        self.faults = faults or Faults()
        self._rng = random.Random(seed)
        self._due: list[tuple[int, int, AccountEvent]] = []
        self._count = 0
        self._queue: asyncio.Queue[AccountEvent] = asyncio.Queue()
        exchange.watchers.append(self._changed)

    async def place(self, requests: Sequence[OrderRequest]) -> list[OrderReport]:
        self._may_fail("nothing was done")
        orders = [self._order(request) for request in requests]
        try:
            if len(orders) == 2:
                above, below = sorted(orders, key=lambda o: o.limit or o.stop, reverse=True)
                self.exchange.place_bracket(above, below)
            else:
                self.exchange.place(orders[0])
        except Denied as denied:
            raise Refused(f"{denied.reason}: {denied}", denied.reason) from None
        if self._rng.random() < self.faults.lost_after:
            raise OutcomeUnknown("the answer was lost")
        return [report_of(order, self._now()) for order in orders]

    async def cancel(self, symbol: str, client_id: str) -> OrderReport:
        if self._rng.random() < self.faults.cancel_lost:
            raise OutcomeUnknown("the answer was lost")
        order = self.exchange.find(self.name, client_id=client_id)
        if order is None:
            raise NotFound("no such order")
        try:
            return report_of(self.exchange.cancel(self.name, order), self._now())
        except Denied as denied:
            raise Refused(denied.reason, denied.reason) from None

    async def order(self, symbol: str, client_id: str) -> OrderReport:
        order = self.exchange.find(self.name, client_id=client_id)
        if order is None:
            raise NotFound("no such order")
        return report_of(order, self._now())

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        return [report_of(order, self._now()) for order in self.exchange.open(self.name, symbol)]

    async def fills(self, symbol: str, since_ts: int) -> list[FillReport]:
        return [
            fill_of(trade) for trade in self.exchange.trades
            if trade.account == self.name and trade.symbol == symbol and trade.time * 1_000_000 >= since_ts
        ]  # fmt: skip

    async def balances(self) -> list[Balance]:
        held = self.exchange.accounts[self.name]
        return [Balance(a, float(held.free.get(a, ZERO)), float(held.locked.get(a, ZERO))) for a in held.assets()]

    async def events(self) -> AsyncIterator[AccountEvent]:
        while True:
            yield await self._queue.get()

    def pump(self, now: int) -> list[AccountEvent]:
        """The messages that are due by `now`, in the order in which they arrive."""
        due = sorted(item for item in self._due if item[0] <= now)
        self._due = [item for item in self._due if item[0] > now]
        for _, _, message in due:
            self._queue.put_nowait(message)
        return [message for _, _, message in due]

    def _changed(self, order: Order, trade: Trade | None) -> None:
        if order.account != self.name:
            return
        messages: list[AccountEvent] = [report_of(order, self._now())]
        if trade is not None:
            messages.append(fill_of(trade))
        for message in messages:
            if self._rng.random() < self.faults.dropped:
                continue
            late = self._rng.randint(1, 90) if self._rng.random() < self.faults.delayed else 0
            for _ in range(2 if self._rng.random() < self.faults.doubled else 1):
                self._count += 1
                self._due.append((self._now() + late * 1_000_000_000, self._count, message))

    def _may_fail(self, why: str) -> None:
        roll = self._rng.random()
        faults = self.faults
        if roll < faults.lost_before:
            raise OutcomeUnknown("the answer was lost")
        if roll < faults.lost_before + faults.refused:
            raise Refused("not today")
        if roll < faults.lost_before + faults.refused + faults.busy:
            raise NotDone(why, wait_s=0.1)

    def _order(self, request: OrderRequest) -> Order:
        market = self.exchange.markets[request.symbol]
        return Order(
            0, self.name, request.client_id, request.symbol, request.side > 0, request.kind,
            exact(request.quantity, market.lot), limit=exact(request.limit, market.tick),
            stop=exact(request.stop, market.tick), show=exact(request.show, market.lot),
        )  # fmt: skip

    def _now(self) -> int:
        return self.exchange.now * 1_000_000


def exact(number: float, step: Decimal) -> Decimal:
    """The multiple of `step` that a float stands for."""
    return Decimal(repr(number)).quantize(step, ROUND_HALF_EVEN)


def report_of(order: Order, now: int) -> OrderReport:
    return OrderReport(
        str(order.number), order.client_id, order.symbol, 1 if order.is_buy else -1, order.kind, STATES[order.status],
        float(order.quantity), float(order.filled), now, float(order.limit), float(order.stop),
    )  # fmt: skip


def fill_of(trade: Trade) -> FillReport:
    return FillReport(
        str(trade.number), str(trade.order), trade.client_id, trade.symbol, 1 if trade.is_buy else -1,
        float(trade.quantity), float(trade.price), trade.time * 1_000_000, float(trade.fee), trade.fee_asset,
        trade.is_maker,
    )  # fmt: skip
