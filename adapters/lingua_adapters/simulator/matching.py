"""The exchange itself: what it accepts, what it locks, what it fills. One thread, no clock and no network of its own.

Quantities and prices are exact decimals, as on a real exchange. The market is a price: it moves along recorded trades
or the path of a bar, and orders rest against it. A market order fills at the price with half a spread against it; a
resting limit fills when the price goes beyond it (or, with `fills_on_touch`, reaches it); a stop becomes a market or
limit order when the price reaches it. `share` < 1 fills only a part of an order at a time, as a thin book does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Status(StrEnum):
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


WORKING = (Status.NEW, Status.PARTIALLY_FILLED)


class Denied(Exception):
    """`reason` names the rule: LOT_SIZE, MARKET_LOT_SIZE, PRICE_FILTER, PERCENT_PRICE_BY_SIDE, NOTIONAL, MAX_POSITION,
    ICEBERG_PARTS, BALANCE, DUPLICATE, UNKNOWN_ORDER, UNKNOWN_SYMBOL, WOULD_TAKE, WOULD_TRIGGER, MAX_NUM_ORDERS,
    MAX_NUM_ALGO_ORDERS, MAX_NUM_ICEBERG_ORDERS, MARKET_CLOSED, BAD_ORDER."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(text or reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Market:
    """What is listed, and its filters; 0: no such filter. A limit price lies between `percent_down` and `percent_up`
    times the last price."""

    symbol: str
    base: str
    quote: str
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal("0.00001")
    min_quantity: Decimal = Decimal("0.00001")
    max_quantity: Decimal = Decimal(9000)
    min_notional: Decimal = Decimal(5)
    max_orders: int = 200
    max_stops: int = 5
    is_open: bool = True
    max_market_quantity: Decimal = ZERO
    max_position: Decimal = ZERO
    percent_up: Decimal = ZERO
    percent_down: Decimal = ZERO
    iceberg_parts: int = 10
    max_icebergs: int = 10


@dataclass(slots=True)
class Order:
    """`kind`: market limit limit_maker stop stop_limit target target_limit. `tif`: GTC IOC FOK. `group` links the two
    of a bracket. `locked` is what it keeps of `asset`."""

    number: int
    account: str
    client_id: str
    symbol: str
    is_buy: bool
    kind: str
    quantity: Decimal
    limit: Decimal = ZERO
    stop: Decimal = ZERO
    tif: str = "GTC"
    show: Decimal = ZERO
    spend: Decimal = ZERO
    status: Status = Status.NEW
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    created: int = 0
    updated: int = 0
    is_triggered: bool = False
    group: int = 0
    locked: Decimal = ZERO
    asset: str = ""

    @property
    def left(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def waits(self) -> bool:
        """A stop that was not reached yet."""
        return self.kind.startswith(("stop", "target")) and not self.is_triggered


@dataclass(frozen=True, slots=True)
class Trade:
    number: int
    order: int
    account: str
    client_id: str
    symbol: str
    is_buy: bool
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    is_maker: bool
    time: int


@dataclass(slots=True)
class Account:
    free: dict[str, Decimal] = field(default_factory=dict)
    locked: dict[str, Decimal] = field(default_factory=dict)

    def assets(self) -> list[str]:
        return sorted({*self.free, *self.locked})


Watcher = Callable[[Order, Trade | None], None]
"""Called after each change of an order, with the trade that made it."""


class Exchange:
    """See above. `now` in milliseconds is set by whoever owns the clock."""

    def __init__(
        self,
        markets: list[Market],
        *,
        taker: Decimal = Decimal("0.001"),
        maker: Decimal = Decimal("0.001"),
        half_spread: Decimal = ZERO,
        fills_on_touch: bool = False,
        share: Decimal = Decimal(1),
        fee_asset: str = "",
    ) -> None:
        self.markets = {market.symbol: market for market in markets}
        self.taker, self.maker = taker, maker
        self.half_spread = half_spread
        self.fills_on_touch = fills_on_touch
        self.share = share
        self.fee_asset = fee_asset
        """Fees are taken from this asset while an account has it, else from what an order receives."""
        self.now = 0
        self.accounts: dict[str, Account] = {}
        self.prices: dict[str, Decimal] = {}
        self.orders: dict[int, Order] = {}
        self.trades: list[Trade] = []
        self.watchers: list[Watcher] = []
        self._working: dict[str, list[Order]] = {market.symbol: [] for market in markets}
        self._by_client: dict[tuple[str, str], list[Order]] = {}
        self._trades: dict[tuple[str, str], list[Trade]] = {}
        self._next = 1
        self._next_trade = 1
        self._next_group = 1

    # --- accounts ------------------------------------------------------------------------------------

    def deposit(self, account: str, asset: str, amount: Decimal) -> None:
        held = self.accounts.setdefault(account, Account())
        held.free[asset] = held.free.get(asset, ZERO) + amount

    def equity(self, account: str, quote: str) -> Decimal:
        """Everything at the last prices in `quote`."""
        held, total = self.accounts[account], ZERO
        for asset in held.assets():
            amount = held.free.get(asset, ZERO) + held.locked.get(asset, ZERO)
            total += amount if asset == quote else amount * self.prices.get(f"{asset}{quote}", ZERO)
        return total

    # --- orders --------------------------------------------------------------------------------------

    def place(self, order: Order) -> Order:
        """Accept an order and match it. Raises Denied."""
        market = self._checked(order)
        self._accept(order, market)
        self._match_new(order)
        return order

    def check(self, order: Order) -> None:
        """Whether it would be accepted, but for the account's balance. Raises Denied."""
        self._checked(order)

    def place_bracket(self, above: Order, below: Order) -> int:
        """Two orders of one side and quantity, of which one is filled; the number of the group. Raises Denied."""
        if (above.symbol, above.is_buy, above.quantity) != (below.symbol, below.is_buy, below.quantity):
            raise Denied("BAD_ORDER", "the two differ in symbol, side or quantity")
        market = self._checked(above, is_bracket=True)
        self._checked(below, is_bracket=True)
        price = self.prices[above.symbol]
        low, high = below.stop or below.limit, above.stop or above.limit
        if not low < price < high:
            raise Denied("WOULD_TRIGGER", "the price is not between the two")
        group = self._next_group
        self._next_group += 1
        above.group = below.group = group
        self._accept(above, market)
        self._accept(below, market, locks=False)
        return group

    def cancel(self, account: str, order: Order) -> Order:
        """Raises Denied when it does not work any more. Its partner in a bracket goes with it."""
        if order.account != account or not order.is_working:
            raise Denied("UNKNOWN_ORDER")
        self._end(order, Status.CANCELED)
        for other in self._partners(order):
            self._end(other, Status.CANCELED)
        return order

    def find(self, account: str, *, number: int = 0, client_id: str = "") -> Order | None:
        """The newest order of this number or client id."""
        if number:
            order = self.orders.get(number)
            return order if order is not None and order.account == account else None
        found = self._by_client.get((account, client_id))
        return found[-1] if found else None

    def trades_of(self, account: str, symbol: str) -> list[Trade]:
        """Oldest first."""
        return self._trades.get((account, symbol), [])

    def open(self, account: str, symbol: str = "") -> Iterator[Order]:
        for name, orders in self._working.items():
            if symbol in ("", name):
                yield from (order for order in orders if order.account == account)

    # --- the price -----------------------------------------------------------------------------------

    def move(self, symbol: str, price: Decimal) -> None:
        """A trade of others at `price`: what rests against it is triggered and filled, in order of arrival."""
        self.prices[symbol] = price
        for order in list(self._working[symbol]):
            if not order.is_working:
                continue
            if order.waits:
                self._trigger(order, price)
            elif self._reaches(order, price):
                self._fill(order, order.limit, is_maker=True)

    def walk(self, symbol: str, open: Decimal, high: Decimal, low: Decimal, close: Decimal) -> None:
        """The path of a bar: to the nearer extreme first."""
        first, second = (low, high) if close >= open else (high, low)
        for price in (open, first, second, close):
            self.move(symbol, price)

    # --- matching ------------------------------------------------------------------------------------

    def _match_new(self, order: Order) -> None:
        price = self.prices[order.symbol]
        if order.waits:
            return
        if order.kind == "market":
            self._take(order, price)
        elif order.kind in ("limit", "limit_maker", "stop_limit", "target_limit"):
            if self._crosses(order, price):
                self._take(order, price)
            elif order.tif in ("IOC", "FOK"):
                self._end(order, Status.EXPIRED)

    def _take(self, order: Order, price: Decimal) -> None:
        """Fill at once, against the book."""
        market = self.markets[order.symbol]
        way = self.half_spread if order.is_buy else -self.half_spread
        worse = (price * (1 + way)).quantize(market.tick)
        if order.limit:
            worse = min(worse, order.limit) if order.is_buy else max(worse, order.limit)
        self._fill(order, worse, is_maker=False)
        if order.is_working and (order.kind == "market" or order.tif == "IOC"):
            # A market order takes what the next level has.
            while order.is_working and order.kind == "market":
                self._fill(order, worse, is_maker=False, whole=True)
            if order.is_working:
                self._end(order, Status.EXPIRED)

    def _trigger(self, order: Order, price: Decimal) -> None:
        is_stop = order.kind.startswith("stop")
        rises = order.is_buy if is_stop else not order.is_buy
        if not (price >= order.stop if rises else price <= order.stop):
            return
        order.is_triggered = True
        self._release_partner(order)
        if order.limit:
            self._match_new(order)
        else:
            self._take(order, price)

    def _crosses(self, order: Order, price: Decimal) -> bool:
        return price <= order.limit if order.is_buy else price >= order.limit

    def _reaches(self, order: Order, price: Decimal) -> bool:
        if not order.limit:
            return False
        if self.fills_on_touch:
            return self._crosses(order, price)
        return price < order.limit if order.is_buy else price > order.limit

    def _fill(self, order: Order, price: Decimal, *, is_maker: bool, whole: bool = False) -> None:
        market = self.markets[order.symbol]
        self._release_partner(order)
        quantity = order.left
        if self.share < 1 and not whole:
            part = (quantity * self.share).quantize(market.lot, ROUND_DOWN)
            quantity = part if part > ZERO else quantity
        rate = self.maker if is_maker else self.taker
        notional = quantity * price
        held = self.accounts[order.account]
        if order.is_buy:
            self._unlock(order, order.locked * quantity / order.left)
            held.free[market.quote] -= notional
            fee, asset = self._fee(held, quantity * rate, market.base, notional * rate, market.quote)
            taken = fee if asset == market.base else ZERO
            held.free[market.base] = held.free.get(market.base, ZERO) + quantity - taken
        else:
            self._unlock(order, quantity)
            held.free[market.base] -= quantity
            fee, asset = self._fee(held, notional * rate, market.quote, notional * rate, market.quote)
            taken = fee if asset == market.quote else ZERO
            held.free[market.quote] = held.free.get(market.quote, ZERO) + notional - taken
        order.filled += quantity
        order.cost += notional
        order.updated = self.now
        order.status = Status.FILLED if order.left <= ZERO else Status.PARTIALLY_FILLED
        trade = Trade(
            self._next_trade, order.number, order.account, order.client_id, order.symbol, order.is_buy, quantity, price,
            fee, asset, is_maker, self.now,
        )  # fmt: skip
        self._next_trade += 1
        self.trades.append(trade)
        self._trades.setdefault((order.account, order.symbol), []).append(trade)
        if not order.is_working:
            self._leave(order)
        self._tell(order, trade)

    def _fee(self, held: Account, usual: Decimal, asset: str, worth: Decimal, quote: str) -> tuple[Decimal, str]:
        """The fee and its asset: `usual` of what is received, or its `worth` in the asset that fees are taken from."""
        chosen = self.fee_asset
        price = self.prices.get(f"{chosen}{quote}", ZERO)
        if chosen and chosen not in (asset, quote) and price > ZERO:
            fee = (worth / price).quantize(Decimal("1e-8"))
            if held.free.get(chosen, ZERO) >= fee:
                held.free[chosen] -= fee
                return fee, chosen
        return usual, asset

    # --- acceptance ----------------------------------------------------------------------------------

    def _checked(self, order: Order, *, is_bracket: bool = False) -> Market:
        market = self.markets.get(order.symbol)
        if market is None:
            raise Denied("UNKNOWN_SYMBOL")
        if not market.is_open:
            raise Denied("MARKET_CLOSED")
        if order.symbol not in self.prices:
            raise Denied("MARKET_CLOSED", "there is no price yet")
        price = self.prices[order.symbol]
        if order.kind == "market" and order.spend > ZERO and order.quantity == ZERO:
            order.quantity = (order.spend / (price * (1 + self.half_spread))).quantize(market.lot, ROUND_DOWN)
        if order.quantity % market.lot or not market.min_quantity <= order.quantity <= market.max_quantity:
            raise Denied("LOT_SIZE")
        if order.kind == "market" and ZERO < market.max_market_quantity < order.quantity:
            raise Denied("MARKET_LOT_SIZE")
        for level in (order.limit, order.stop):
            if level < ZERO or level % market.tick:
                raise Denied("PRICE_FILTER")
        if order.kind in ("limit", "limit_maker", "stop_limit", "target_limit") and order.limit <= ZERO:
            raise Denied("PRICE_FILTER")
        if order.quantity * (order.limit or order.stop or price) < market.min_notional:
            raise Denied("NOTIONAL")
        if order.limit and not self._is_near(order.limit, price, market):
            raise Denied("PERCENT_PRICE_BY_SIDE")
        if order.is_buy and market.max_position and self._position(order, market) > market.max_position:
            raise Denied("MAX_POSITION")
        if order.show and -(-order.quantity // order.show) > market.iceberg_parts:
            raise Denied("ICEBERG_PARTS")
        if order.client_id and any(other.client_id == order.client_id for other in self.open(order.account)):
            raise Denied("DUPLICATE")
        if order.kind == "limit_maker" and self._crosses(order, price):
            raise Denied("WOULD_TAKE")
        if order.stop > ZERO and not is_bracket:
            rises = order.is_buy if order.kind.startswith("stop") else not order.is_buy
            if price >= order.stop if rises else price <= order.stop:
                raise Denied("WOULD_TRIGGER")
        working = list(self.open(order.account, order.symbol))
        if len(working) >= market.max_orders:
            raise Denied("MAX_NUM_ORDERS")
        if order.stop > ZERO and sum(other.stop > ZERO for other in working) >= market.max_stops:
            raise Denied("MAX_NUM_ALGO_ORDERS")
        if order.show and sum(other.show > ZERO for other in working) >= market.max_icebergs:
            raise Denied("MAX_NUM_ICEBERG_ORDERS")
        return market

    @staticmethod
    def _is_near(limit: Decimal, price: Decimal, market: Market) -> bool:
        is_low = market.percent_down and limit < price * market.percent_down
        return not (is_low or (market.percent_up and limit > price * market.percent_up))

    def _position(self, order: Order, market: Market) -> Decimal:
        """What the account would hold with everything it wants to buy."""
        held = self.accounts.get(order.account, Account())
        own = held.free.get(market.base, ZERO) + held.locked.get(market.base, ZERO)
        wanted = sum((o.left for o in self.open(order.account, order.symbol) if o.is_buy), ZERO)
        return own + wanted + order.quantity

    def _accept(self, order: Order, market: Market, *, locks: bool = True) -> None:
        held = self.accounts.setdefault(order.account, Account())
        if locks:
            price = order.limit or max(order.stop, self.prices[order.symbol]) * (1 + self.half_spread)
            order.asset = market.quote if order.is_buy else market.base
            need = order.quantity * price if order.is_buy else order.quantity
            if held.free.get(order.asset, ZERO) < need:
                raise Denied("BALANCE")
            held.free[order.asset] -= need
            held.locked[order.asset] = held.locked.get(order.asset, ZERO) + need
            order.locked = need
        order.number = self._next
        self._next += 1
        order.created = order.updated = self.now
        self.orders[order.number] = order
        self._by_client.setdefault((order.account, order.client_id), []).append(order)
        self._working[order.symbol].append(order)
        self._tell(order, None)

    def _partners(self, order: Order) -> list[Order]:
        return [
            other for other in self._working[order.symbol]
            if order.group and other.group == order.group and other is not order and other.is_working
        ]  # fmt: skip

    def _release_partner(self, order: Order) -> None:
        """The other of a bracket ends, and what it kept goes over."""
        for other in self._partners(order):
            if other.locked:
                order.locked, order.asset, other.locked = other.locked, other.asset, ZERO
            self._end(other, Status.EXPIRED)

    def _unlock(self, order: Order, amount: Decimal) -> None:
        amount = min(amount, order.locked)
        held = self.accounts[order.account]
        order.locked -= amount
        if amount:
            held.locked[order.asset] -= amount
            held.free[order.asset] = held.free.get(order.asset, ZERO) + amount

    def _end(self, order: Order, status: Status) -> None:
        order.status, order.updated = status, self.now
        self._leave(order)
        self._tell(order, None)

    def _leave(self, order: Order) -> None:
        if order.locked:
            self._unlock(order, order.locked)
        self._working[order.symbol] = [other for other in self._working[order.symbol] if other is not order]

    def _tell(self, order: Order, trade: Trade | None) -> None:
        for watcher in self.watchers:
            watcher(order, trade)
