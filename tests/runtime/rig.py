"""A deployment on an exchange in the same program: bars move the price, what the kernel asks for is done, what happens
is told; and on the way things go wrong as a `Faults` says."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

import lingua
from lingua.live.bars import ClosedBar, Source
from lingua.live.strategy import LiveStrategy
from lingua.trading.execution import Execution
from lingua.trading.instrument import Instrument
from lingua_adapters.simulator.matching import Denied, Exchange, Market, Order, Status, Trade
from lingua_runtime.commands import Alarm, Cancel, Command, LookUp, Place
from lingua_runtime.kernel import Kernel, Settings
from lingua_runtime.ports import Capabilities, FillReport, Listing, OrderReport, OrderRequest
from lingua_runtime.states import State

MINUTE = 60_000_000_000
START = 1_704_067_200_000_000_000
SPOT = Instrument("BTCUSDT", "spot", tick=0.01, lot=0.001, min_quantity=0.001, min_notional=5.0, fee_asset="base",
                  quote="USDT", is_assumed=False)  # fmt: skip
LISTING = Listing(SPOT, "BTC", "USDT")
ABLE = Capabilities(kinds=frozenset({"market", "limit", "stop"}), has_brackets=True)
STATES = {
    Status.NEW: State.ACCEPTED, Status.PARTIALLY_FILLED: State.PARTIALLY_FILLED, Status.FILLED: State.FILLED,
    Status.CANCELED: State.CANCELED, Status.REJECTED: State.REJECTED, Status.EXPIRED: State.EXPIRED,
}  # fmt: skip


@dataclass
class Faults:
    """Shares of requests and messages that go wrong."""

    lost_before: float = 0.0
    lost_after: float = 0.0
    refused: float = 0.0
    doubled: float = 0.0
    dropped: float = 0.0
    delayed: float = 0.0
    cancel_refused: float = 0.0


@dataclass
class Rig:
    program: str
    prices: list[tuple[float, float, float, float]]
    faults: Faults = field(default_factory=Faults)
    seed: int = 0
    capabilities: Capabilities = ABLE
    share: str = "1"

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        market = Market("BTCUSDT", "BTC", "USDT", lot=Decimal("0.001"), min_quantity=Decimal("0.001"), max_stops=100)
        self.exchange = Exchange([market], share=Decimal(self.share))
        self.exchange.deposit("me", "USDT", Decimal(100_000))
        self.exchange.watchers.append(self.changed)
        self.exchange.move("BTCUSDT", exact(self.prices[0][0]))
        self.now = START
        self.kernel = self.make()
        self.events: deque[tuple[int, Any]] = deque()
        self.alarms: list[Alarm] = []
        self.placed: list[str] = []
        self.asked: deque[Command] = deque()
        self.is_busy = False
        self.decided: list[Any] = []

    def make(self) -> Kernel:
        compiled = lingua.compile(self.program)
        assert compiled.ok, compiled.problems
        execution = Execution(commission=0.001, cash_buffer=0.02)
        live = LiveStrategy(compiled, [Source(SPOT, "1m")], execution=execution, capital=100_000.0, is_given=True)
        kernel = Kernel(live, Settings("t"), self.capabilities, {"BTCUSDT": LISTING})
        kernel.may_enter = True
        kernel.release(self.now)
        return kernel

    # --- the venue tells -----------------------------------------------------------------------------

    def changed(self, order: Order, trade: Trade | None) -> None:
        messages: list[Any] = [report_of(order, self.now)]
        if trade is not None:
            messages.append(fill_of(trade))
        for message in messages:
            roll = self.rng.random()
            if roll < self.faults.dropped:
                continue
            late = self.rng.randint(1, 90) if self.rng.random() < self.faults.delayed else 0
            for _ in range(2 if self.rng.random() < self.faults.doubled else 1):
                self.events.append((self.now + late * 1_000_000_000, message))

    def deliver(self) -> None:
        """All messages that are due."""
        while True:
            due = next((item for item in self.events if item[0] <= self.now), None)
            if due is None:
                return
            self.events.remove(due)
            self.tell(due[1])

    def tell(self, message: Any) -> None:
        if isinstance(message, OrderReport):
            self.do(self.kernel.report(message, self.now))
        else:
            self.do(self.kernel.fill(message, self.now))

    # --- the kernel asks -----------------------------------------------------------------------------

    def do(self, commands: list[Command]) -> None:
        self.asked.extend(commands)
        if self.is_busy:
            return
        self.is_busy, count = True, 0
        while self.asked:
            command, count = self.asked.popleft(), count + 1
            assert count < 2_000, f"it goes round in circles: {command}"
            if isinstance(command, Alarm):
                self.alarms.append(command)
            elif isinstance(command, Place):
                self.place(command)
            elif isinstance(command, Cancel):
                self.cancel(command)
            elif isinstance(command, LookUp):
                self.look_up(command)
        self.is_busy = False

    def place(self, command: Place) -> None:
        names = [request.client_id for request in command.requests]
        roll = self.rng.random()
        if roll < self.faults.lost_before:
            for name in names:
                self.do(self.kernel.unknown(name, "no answer", self.now))
            return
        if roll < self.faults.lost_before + self.faults.refused:
            for name in names:
                self.do(self.kernel.refused(name, "not today", self.now))
            return
        try:
            self.send(command.requests)
        except Denied as denied:
            for name in names:
                self.do(self.kernel.refused(name, denied.reason, self.now))
            return
        self.placed += names
        if self.rng.random() < self.faults.lost_after:
            for name in names:
                self.do(self.kernel.unknown(name, "no answer", self.now))

    def send(self, requests: tuple[OrderRequest, ...]) -> None:
        orders = [order_of(request) for request in requests]
        if len(orders) == 2:
            above, below = sorted(orders, key=lambda o: o.limit or o.stop, reverse=True)
            self.exchange.place_bracket(above, below)
        else:
            self.exchange.place(orders[0])

    def cancel(self, command: Cancel) -> None:
        if self.rng.random() < self.faults.cancel_refused:
            self.do(self.kernel.not_canceled(command.client_id, "no answer", self.now))
            return
        order = self.exchange.find("me", client_id=command.client_id)
        try:
            if order is None:
                raise Denied("UNKNOWN_ORDER")
            self.exchange.cancel("me", order)
        except Denied as denied:
            self.do(self.kernel.not_canceled(command.client_id, denied.reason, self.now))

    def look_up(self, command: LookUp) -> None:
        order = self.exchange.find("me", client_id=command.client_id)
        if order is None:
            self.do(self.kernel.not_found(command.client_id, self.now))
            return
        trades = [trade for trade in self.exchange.trades if trade.order == order.number]
        for trade in trades:
            self.do(self.kernel.fill(fill_of(trade), self.now))
        self.do(self.kernel.report(report_of(order, self.now), self.now))

    def sweep(self) -> None:
        working = [report_of(order, self.now) for order in self.exchange.open("me", "BTCUSDT")]
        fills = [fill_of(trade) for trade in self.exchange.trades]
        self.do(self.kernel.swept("BTCUSDT", working, fills, self.held(), self.now))

    # --- time passes ---------------------------------------------------------------------------------

    def run(self, each: Callable[[int], None] | None = None) -> None:
        for k, (open_, high, low, close) in enumerate(self.prices):
            start = START + k * MINUTE
            path = [open_, low, high, close] if close >= open_ else [open_, high, low, close]
            for j, price in enumerate(path):
                self.now = start + (j + 1) * MINUTE // 5
                self.exchange.now = self.now // 1_000_000
                self.exchange.move("BTCUSDT", exact(price))
                self.do(self.kernel.price("BTCUSDT", price, self.now))
                self.deliver()
                self.do(self.kernel.tick(self.now))
            self.now = start + MINUTE
            if k % 10 == 9:
                self.sweep()
            self.close(k)
            if each is not None:
                each(k)

    def close(self, k: int) -> None:
        open_, high, low, close = self.prices[k]
        live = self.kernel.live
        live.push(
            live.channels[0], ClosedBar(START + k * MINUTE, START + (k + 1) * MINUTE, open_, high, low, close, 1e9)
        )
        decided, commands = self.kernel.instant(START + (k + 1) * MINUTE, self.now)
        self.decided += decided
        self.do(commands)
        self.deliver()

    def settle(self) -> None:
        """Quiet: everything that is on its way arrives, and one bar more closes."""
        faults, self.faults = self.faults, Faults()
        for _ in range(40):
            self.now += 10_000_000_000
            self.deliver()
            self.sweep()
            self.do(self.kernel.tick(self.now))
        close = self.prices[-1][3]
        self.prices.append((close, close, close, close))
        self.kernel.may_enter = False
        self.now = max(self.now, START + len(self.prices) * MINUTE)
        self.close(len(self.prices) - 1)
        for _ in range(20):
            self.now += 10_000_000_000
            self.deliver()
            self.do(self.kernel.tick(self.now))
        self.faults = faults

    # --- what is true at the venue -------------------------------------------------------------------

    def held(self) -> float:
        account = self.exchange.accounts["me"]
        zero = Decimal(0)
        return float(account.free.get("BTC", zero) + account.locked.get("BTC", zero))

    def working(self) -> list[Order]:
        return list(self.exchange.open("me"))


def exact(price: float) -> Decimal:
    return Decimal(repr(price)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def order_of(request: OrderRequest) -> Order:
    number = Decimal(repr(round(request.quantity, 9))).quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    return Order(
        0, "me", request.client_id, request.symbol, request.side > 0, request.kind, number,
        limit=exact(request.limit), stop=exact(request.stop),
    )  # fmt: skip


def report_of(order: Order, now: int) -> OrderReport:
    return OrderReport(
        str(order.number), order.client_id, order.symbol, 1 if order.is_buy else -1, order.kind, STATES[order.status],
        float(order.quantity), float(order.filled), now,
    )  # fmt: skip


def fill_of(trade: Trade) -> FillReport:
    return FillReport(
        str(trade.number), str(trade.order), trade.client_id, trade.symbol, 1 if trade.is_buy else -1,
        float(trade.quantity), float(trade.price), trade.time * 1_000_000, float(trade.fee), trade.fee_asset,
        trade.is_maker,
    )  # fmt: skip


def walk(seed: int, n: int = 300, step: float = 0.004) -> list[tuple[float, float, float, float]]:
    rng = np.random.default_rng(seed)
    close, rows = 100.0, []
    for _ in range(n):
        open_ = close
        close = round(max(open_ * (1 + rng.normal(0, step)), 1.0), 2)
        high = round(max(open_, close) * (1 + abs(rng.normal(0, step / 2))), 2)
        low = round(min(open_, close) * (1 - abs(rng.normal(0, step / 2))), 2)
        rows.append((open_, high, low, close))
    return rows
