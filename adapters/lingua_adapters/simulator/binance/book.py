"""An order book around the last price: generated levels, and what accounts have resting."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from lingua_adapters.simulator.matching import ZERO, Exchange, Market

LEVELS = 100
Levels = dict[Decimal, Decimal]


def best(exchange: Exchange, market: Market) -> tuple[Decimal, Decimal]:
    """Bid and ask: half the spread, and a tick at least, from the last price."""
    price = exchange.prices[market.symbol]
    gap = max((price * exchange.half_spread).quantize(market.tick), market.tick)
    return max(price - gap, market.tick), price + gap


def size_at(step: int, market: Market) -> Decimal:
    """Of a generated level: always the same at one price."""
    lots = 1 + (step * 2_654_435_761) % 997
    unit = max(market.lot, market.min_quantity)
    return unit * lots * 10


def levels(exchange: Exchange, market: Market) -> tuple[Levels, Levels]:
    """Bids and asks, best first."""
    bid, ask = best(exchange, market)
    grid = max(market.tick, (exchange.prices[market.symbol] * Decimal("0.00005")).quantize(market.tick))
    low = (bid / grid).to_integral_value(ROUND_FLOOR)
    high = (ask / grid).to_integral_value(ROUND_CEILING)
    bids, asks = {bid: size_at(int(bid / market.tick), market)}, {ask: size_at(int(ask / market.tick), market)}
    for k in range(LEVELS):
        down, up = low - k, high + k
        if down > 0:
            bids.setdefault(down * grid, size_at(int(down), market))
        asks.setdefault(up * grid, size_at(int(up), market))
    for account in exchange.accounts:
        for order in exchange.open(account, market.symbol):
            if not order.waits and order.limit:
                into = bids if order.is_buy else asks
                into[order.limit] = into.get(order.limit, ZERO) + order.left
    return dict(sorted(bids.items(), reverse=True)), dict(sorted(asks.items()))


def changes(before: Levels, after: Levels) -> list[tuple[Decimal, Decimal]]:
    """What turns one side into the other; 0 takes a level away."""
    gone = [(price, ZERO) for price in before if price not in after]
    return gone + [(price, size) for price, size in after.items() if before.get(price) != size]
