"""From what the order/fill step wrote down at one instant to `Decisions`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lingua.live.decisions import Decisions, Fired, Protection, SentOrder
from lingua.trading import codes, facts
from lingua.trading.records import Fill, OrderEvent, Trade

if TYPE_CHECKING:
    from lingua.live.strategy import LiveStrategy

FAR = 1e300
"""What an exit level is where there is none."""


def told(live: LiveStrategy, ts: int, symbols: Sequence[int]) -> Decisions:
    """What happened at the instant just done; `symbols` are the numbers of those that had a bar. A strategy that keeps
    its history tells prices, positions and signals here, and the rest in its ledger."""
    run, book, names = live.run, live.run.book, live.names
    events: tuple[OrderEvent, ...] = ()
    fills: tuple[Fill, ...] = ()
    trades: tuple[Trade, ...] = ()
    fired: tuple[Fired, ...] = ()
    if not live.keeps_history:
        if run.decider.fired.count:
            rules = run.lowered.rule_names
            fired = tuple(Fired(names[int(row[2])], rules[int(row[1])]) for row in run.decider.fired.table().tolist())
        if book.events.count:
            events = tuple(facts.events(run, 0))
        if book.fills.count:
            fills = tuple(facts.fills(run, 0))
            _note_entries(live)
        if book.trades.count:
            trades = _closed(live)
    late, live.late = live.late, 0
    return Decisions(
        ts=ts,
        instant=live.instants - 1,
        symbols=tuple(names[symbol] for symbol in symbols),
        names=names,
        is_ready=live.is_ready,
        fired=fired,
        orders=_sent(live, ts, events) if events else (),
        fills=fills,
        trades=trades,
        events=events,
        signals={names[symbol]: _signals(live, symbol) for symbol in symbols} if live.signals else {},
        alerts=live.alerts.at(symbols, live) if live.alerts else (),
        positions={names[p.market]: p.quantity for p in book.positions if p.quantity != 0.0},
        protections=_protections(live),
        equity=run.book_equity(),
        cash=book.cash,
        halted=_halted(live),
        is_ruined=run.machine.is_ruined,
        late=late,
    )


def _sent(live: LiveStrategy, ts: int, events: Sequence[OrderEvent]) -> tuple[SentOrder, ...]:
    """The orders that left now, as far as they still work."""
    names = [*live.run.lowered.rule_names, ""]  # -1 is the last
    why = {event.order_id: event.detail for event in events if event.kind == "submitted"}
    return tuple(
        SentOrder(
            order.id, live.names[order.market], order.side, codes.ORDER_KINDS[order.kind], order.quantity, order.limit,
            order.stop, order.bars_left, order.until_ts, bool(order.is_increase), names[order.rule],
            codes.REASONS[order.reason], why[order.id],
        )
        for orders in live.run.book.orders
        for order in orders
        if not order.is_done and order.placed_ts == ts and order.id in why
    )  # fmt: skip


def _protections(live: LiveStrategy) -> tuple[Protection, ...]:
    return tuple(
        Protection(
            live.names[position.market], unit.id, unit.side, unit.quantity, unit.entry, _level(unit.stop),
            _level(unit.target),
        )
        for position in live.run.book.positions
        for unit in position.units
    )  # fmt: skip


def _level(price: float) -> float:
    return float(price) if 0.0 < price < FAR else math.nan


def _signals(live: LiveStrategy, symbol: int) -> dict[str, float]:
    return {output.name: float(live.value(symbol, output.node)) for output in live.signals}


def _halted(live: LiveStrategy) -> str:
    """The name of the limit that forbids increases now."""
    for limit in live.run.limits.limits:
        if limit.is_tripped or limit.is_breached:
            return live.run.lowered.limit_names[limit.number]
    return ""


def _note_entries(live: LiveStrategy) -> None:
    """When each open unit was entered, for the time when its bars are forgotten."""
    for position in live.run.book.positions:
        for unit in position.units:
            if unit.id not in live.entered:
                live.entered[unit.id] = facts.entry_stamp(live.run, position.market, unit)


def _closed(live: LiveStrategy) -> tuple[Any, ...]:
    trades = tuple(facts.closed_trades(live.run, facts.entries(live.run, live.entered)))
    still_open = {unit.id for position in live.run.book.positions for unit in position.units}
    live.entered = {number: ts for number, ts in live.entered.items() if number in still_open}
    return trades
