"""What the simulated venue knows: the stage, the exchange, who has which key, lists of orders, and who listens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lingua_adapters.simulator.binance import book, forms
from lingua_adapters.simulator.binance.faults import Faults
from lingua_adapters.simulator.binance.keys import Account, Keys
from lingua_adapters.simulator.binance.limits import Limits
from lingua_adapters.simulator.binance.refusals import Refusal
from lingua_adapters.simulator.candles import Candles
from lingua_adapters.simulator.matching import Account as Held
from lingua_adapters.simulator.matching import Exchange, Market, Order, Status, Trade
from lingua_adapters.simulator.recording import Tick
from lingua_adapters.simulator.stage import Stage

Send = Callable[[forms.Json], None]
MOST_RECENT = 1_000


@dataclass(slots=True)
class OrderList:
    """The two of a bracket."""

    number: int
    client_id: str
    symbol: str
    account: str
    orders: list[Order]
    created: int

    @property
    def is_done(self) -> bool:
        return not any(order.is_working for order in self.orders)

    def form(self, now: int) -> forms.Json:
        return {
            "orderListId": self.number, "contingencyType": "OCO",
            "listStatusType": "ALL_DONE" if self.is_done else "EXEC_STARTED",
            "listOrderStatus": "ALL_DONE" if self.is_done else "EXECUTING", "listClientOrderId": self.client_id,
            "transactionTime": now, "symbol": self.symbol,
            "orders": [
                {"symbol": o.symbol, "orderId": o.number, "clientOrderId": o.client_id} for o in self.orders
            ],
        }  # fmt: skip

    def event(self, now: int) -> forms.Json:
        form = self.form(now)
        return {
            "e": "listStatus", "E": now, "s": self.symbol, "g": self.number, "c": "OCO", "l": form["listStatusType"],
            "L": form["listOrderStatus"], "r": "NONE", "C": self.client_id, "T": now,
            "O": [{"s": o.symbol, "i": o.number, "c": o.client_id} for o in self.orders],
        }  # fmt: skip


@dataclass(slots=True)
class Tape:
    """Of one symbol: the last trades, and the day's statistics come from the candles."""

    recent: list[tuple[Tick, int]] = field(default_factory=list)
    bids: book.Levels = field(default_factory=dict)
    asks: book.Levels = field(default_factory=dict)
    flushed: int = 1


class Desk:
    def __init__(self, stage: Stage, keys: Keys, *, limits: Limits | None = None, faults: Faults | None = None) -> None:
        self.stage = stage
        self.exchange: Exchange = stage.exchange
        self.keys = keys
        self.limits = limits or Limits()
        self.faults = faults or Faults()
        self.candles = {symbol: Candles(each) for symbol, each in stage.recordings.items()}
        self.tapes = {symbol: Tape() for symbol in stage.recordings}
        self.lists: dict[int, OrderList] = {}
        self.skew_ms = 0
        self.book_id = 1
        self._listeners: dict[str, dict[int, Send]] = {}
        self._next_listener = 0
        self._cancel_id = ""
        self._next_generated = 0
        stage.listeners.append(self._traded)
        self.exchange.watchers.append(self._changed)

    # --- time ----------------------------------------------------------------------------------------

    def now(self) -> int:
        """What the exchange says the time is."""
        return self.stage.now() + self.skew_ms

    @property
    def is_timed(self) -> bool:
        """Whether its clock runs as a client's does, so that the time of signing can be checked."""
        return self.stage.speed == 1.0

    def settle(self) -> None:
        """Play what is due, so that a request meets the market as it is now."""
        if self.stage.speed > 0:
            self.stage.advance(self.stage.now(), for_s=0.002)
        self.exchange.now = max(self.exchange.now, self.stage.now())

    # --- markets -------------------------------------------------------------------------------------

    def market(self, symbol: str) -> Market:
        market = self.exchange.markets.get(symbol)
        if market is None:
            raise Refusal(-1121, "Invalid symbol.")
        return market

    def _traded(self, symbol: str, tick: Tick, number: int) -> None:
        self.book_id += 1
        tape = self.tapes[symbol]
        tape.recent.append((tick, number))
        if len(tape.recent) > 2 * MOST_RECENT:
            del tape.recent[:MOST_RECENT]
        self.candles[symbol].played(tick, number)

    # --- orders --------------------------------------------------------------------------------------

    def held(self, account: Account) -> Held:
        return self.exchange.accounts.setdefault(account.name, Held())

    def trades_since(self, order: Order, first: int) -> list[Trade]:
        """Of an order, from the `first`-th trade of its account in the symbol on."""
        return [t for t in self.exchange.trades_of(order.account, order.symbol)[first:] if t.order == order.number]

    def generated(self, prefix: str = "") -> str:
        """A client id for an order that came without one."""
        self._next_generated += 1
        return f"{prefix}sim{self._next_generated:019d}"

    def cancel(self, order: Order, cancel_id: str) -> list[Order]:
        """It and, of a bracket, its partner. Raises Denied."""
        self._cancel_id = cancel_id or self.generated()
        try:
            self.exchange.cancel(order.account, order)
        finally:
            self._cancel_id = ""
        linked = self.lists.get(order.group)
        return linked.orders if linked is not None else [order]

    def list_of(self, orders: Sequence[Order], client_id: str) -> OrderList:
        first = orders[0]
        made = OrderList(
            first.group, client_id or self.generated(), first.symbol, first.account, list(orders), first.created
        )
        self.lists[first.group] = made
        self.tell(first.account, made.event(self.now()))
        return made

    # --- listeners of accounts -----------------------------------------------------------------------

    def listen(self, account: str, send: Send) -> int:
        self._next_listener += 1
        self._listeners.setdefault(account, {})[self._next_listener] = send
        return self._next_listener

    def leave(self, account: str, number: int) -> None:
        self._listeners.get(account, {}).pop(number, None)

    def tell(self, account: str, event: forms.Json) -> None:
        for send in list(self._listeners.get(account, {}).values()):
            send(event)

    def _changed(self, order: Order, trade: Trade | None) -> None:
        self.book_id += 1
        now = self.now()
        if trade is not None:
            kind = "TRADE"
        else:
            kind = {Status.CANCELED: "CANCELED", Status.EXPIRED: "EXPIRED", Status.REJECTED: "REJECTED"}.get(
                order.status, "NEW"
            )
        cancel_id = self._cancel_id if kind == "CANCELED" else ""
        self.tell(order.account, forms.report_event(order, trade, now, kind=kind, cancel_id=cancel_id))
        market = self.exchange.markets[order.symbol]
        assets = [market.base, market.quote]
        if trade is not None and trade.fee_asset not in assets:
            assets.append(trade.fee_asset)
        held = self.exchange.accounts[order.account]
        self.tell(order.account, forms.position_event(held, assets, now))
        linked = self.lists.get(order.group)
        if linked is not None and linked.is_done:
            self.tell(order.account, linked.event(now))

    def listen_key(self, account: Account) -> str:
        """The name of the account's stream: whoever knows it may listen, so it follows from the secret."""
        return hashlib.sha256(f"listen {account.key} {account.secret}".encode()).hexdigest()

    def of_listen_key(self, key: str) -> Account | None:
        return next((each for each in self.keys.accounts if self.listen_key(each) == key), None)

    def deposit(self, account: str, asset: str, amount: Decimal) -> None:
        self.exchange.deposit(account, asset, amount)
        now = self.now()
        self.tell(account, {"e": "balanceUpdate", "E": now, "a": asset, "d": forms.eight(amount), "T": now})
        self.tell(account, forms.position_event(self.exchange.accounts[account], [asset], now))
