"""A run as plain data, and back: everything that the next instant depends on, and what was written down so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import codes
from lingua.trading.account import Book
from lingua.trading.legs import LegGroup
from lingua.trading.position import Exit, Position, Unit
from lingua.trading.working import Order

if TYPE_CHECKING:
    from lingua.trading.setup import Run

VERSION = 4


def take(run: Run) -> dict[str, Any]:
    """JSON-able: NaN becomes None, infinities do not occur."""
    run.complete()
    book = run.book
    numbers = {id(spec): k for k, spec in enumerate(run.lowered.exits)}
    return {
        "version": VERSION,
        "program": run.program.name,
        "machine": plain(run.machine.state()),
        "book": {
            **fields(book, Book.FIELDS),
            "tiers": [list(pair) for pair in book.tier_trades],
        },
        "markets": [
            {
                "symbol": market.symbol,
                "bar": market.bar,
                "mark": plain(market.mark),
                "next_action": market.next_action,
                "volumes": market.volumes_told(),
                "learned": market.learned(),
            }
            for market in book.markets
        ],
        # A run that forgets is the only one to know its bars; others are built from them.
        "windows": [
            {**plain(market.window()), "sessions": sessions.state()}
            for market, sessions in zip(book.markets, run.live_sessions, strict=True)
            if run.forgets
        ],
        "positions": [
            {**fields(p, Position.FIELDS), "units": [_unit(unit, numbers) for unit in p.units]} for p in book.positions
        ],
        "orders": [[_order(order, numbers) for order in orders] for orders in book.orders],
        "ended": [_order(order, numbers) for order in book.ended.values()],
        "given": plain(run.given.state()),
        "limits": {
            **fields(run.limits, type(run.limits).FIELDS),
            "limits": [fields(limit, type(limit).FIELDS) for limit in run.limits.limits],
        },
        "decider": {
            "episodes": [list(row) for row in run.decider.episodes],
            "spent": [list(row) for row in run.decider.spent],
            "next_either": run.decider.next_either,
            "legs": [
                {**fields(group, LegGroup.FIELDS), "orders": [_order(order, numbers) for order in group.orders]}
                for group in run.decider.legs.groups
            ],
        },
        "registers": [plain(evaluator.file()) for evaluator in run.decider.evaluators],
        "live_stamps": list(run.live_stamps),
        "rows": {name: plain(rows.table().tolist()) for name, rows in _tables(run).items()},
    }


def restore(run: Run, snapshot: Mapping[str, Any]) -> None:
    """Raises ValueError when the snapshot is of another version, program or set of instruments."""
    if snapshot.get("version") != VERSION:
        raise ValueError(f"snapshot of version {snapshot.get('version')!r}; this is version {VERSION}")
    if snapshot["program"] != run.program.name:
        raise ValueError(f"snapshot of {snapshot['program']!r}, not of {run.program.name!r}")
    symbols = [market["symbol"] for market in snapshot["markets"]]
    if symbols != [market.symbol for market in run.book.markets]:
        raise ValueError(f"snapshot of {', '.join(symbols)}: other instruments")
    book = run.book
    _set(book, Book.FIELDS, snapshot["book"])
    book.tier_trades = [(int(ts), float(money)) for ts, money in snapshot["book"]["tiers"]]
    for market, sessions, window in zip(book.markets, run.live_sessions, snapshot.get("windows") or (), strict=False):
        market.open_window(window)
        sessions.set_state(window["sessions"])
        run.forgets = True
    for market, state in zip(book.markets, snapshot["markets"], strict=True):
        market.stand_at(int(state["bar"]))
        market.mark = _number(state["mark"])
        market.next_action = int(state["next_action"])
        market.tell_volumes(list(state.get("volumes", (True, True))))
        market.set_learned(state["learned"])
    specs = run.lowered.exits
    for position, state in zip(book.positions, snapshot["positions"], strict=True):
        position.units = [_make_unit(unit, specs) for unit in state["units"]]
        _set(position, Position.FIELDS, state)
    for k, states in enumerate(snapshot["orders"]):
        book.orders[k] = [_make_order(state, specs, len(book.markets)) for state in states]
    ended = [_make_order(state, specs, len(book.markets)) for state in snapshot["ended"]]
    book.ended = {order.id: order for order in ended}
    given = snapshot["given"]
    queue = [[_number(cell) for cell in row] for row in given["queue"]]
    run.given.set_state({**given, "queue": queue})
    _set(run.limits, type(run.limits).FIELDS, snapshot["limits"])
    for limit, state in zip(run.limits.limits, snapshot["limits"]["limits"], strict=True):
        _set(limit, type(limit).FIELDS, state)
    decider = snapshot["decider"]
    run.decider.episodes = [[int(x) for x in row] for row in decider["episodes"]]
    run.decider.spent = [[int(x) for x in row] for row in decider["spent"]]
    run.decider.next_either = int(decider["next_either"])
    # A leg that still works is the order in the book, not a copy of it.
    working = {order.id: order for orders in book.orders for order in orders}
    run.decider.legs.groups = []
    for state in decider["legs"]:
        legs = [_make_order(order, specs, len(book.markets)) for order in state["orders"]]
        group = LegGroup([order if order.is_done else working.get(order.id, order) for order in legs])
        _set(group, LegGroup.FIELDS, state)
        run.decider.legs.groups.append(group)
    for evaluator, values in zip(run.decider.evaluators, snapshot["registers"], strict=True):
        evaluator.set_file([_number(value) for value in values])
    run.live_stamps[:] = [int(ts) for ts in snapshot["live_stamps"]]
    for name, rows in _tables(run).items():
        table = np.array([[_number(cell) for cell in row] for row in snapshot["rows"][name]], dtype=np.float64)
        rows.load(table.reshape(-1, rows.width))
    machine = snapshot["machine"]
    run.machine.set_state({name: _number(value) for name, value in machine.items()})


def working(book: Book) -> list[dict[str, Any]]:
    """The working orders, as facts for whoever sends them to a venue."""
    return [
        {**fields(order, Order.FIELDS), "symbol": book.markets[order.market].symbol, "kind": _kind(order)}
        for orders in book.orders
        for order in orders
        if not order.is_done
    ]


def fields(thing: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain(getattr(thing, name)) for name in names}


def plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _tables(run: Run) -> dict[str, Any]:
    book = run.book
    return {
        "fills": book.fills,
        "trades": book.trades,
        "events": book.events,
        "fired": run.decider.fired,
        "watched": run.decider.watched,
        "changes": run.machine.changes,
        "holdings": run.machine.holdings,
    }


def _unit(unit: Unit, numbers: dict[int, int]) -> dict[str, Any]:
    return {**fields(unit, Unit.FIELDS), "exits": [_exit(exit_, numbers) for exit_ in unit.exits]}


def _order(order: Order, numbers: dict[int, int]) -> dict[str, Any]:
    return {**fields(order, Order.FIELDS), "exits": [_exit(exit_, numbers) for exit_ in order.exits]}


def _exit(exit_: Any, numbers: dict[int, int]) -> dict[str, Any]:
    return {**fields(exit_, Exit.FIELDS), "spec": numbers[id(exit_.spec)]}


def _make_unit(state: Mapping[str, Any], specs: list[Any]) -> Unit:
    unit = Unit()
    _set(unit, Unit.FIELDS, state)
    unit.exits = [_make_exit(exit_, specs) for exit_ in state["exits"]]
    return unit


def _make_order(state: Mapping[str, Any], specs: list[Any], markets: int) -> Order:
    if not 0 <= int(state["market"]) < markets:
        raise ValueError(f"order of market {state['market']}")
    order = Order(int(state["market"]), int(state["owner"]), int(state["side"]), int(state["rule"]))
    _set(order, Order.FIELDS, state)
    order.exits = [_make_exit(exit_, specs) for exit_ in state["exits"]]
    return order


def _make_exit(state: Mapping[str, Any], specs: list[Any]) -> Exit:
    exit_ = Exit(specs[int(state["spec"])], int(state["number"]))
    _set(exit_, Exit.FIELDS, state)
    return exit_


def _set(thing: Any, names: tuple[str, ...], state: Mapping[str, Any]) -> None:
    for name in names:
        setattr(thing, name, _number(state[name]))


def _number(value: Any) -> Any:
    return math.nan if value is None else value


def _kind(order: Order) -> str:
    return codes.ORDER_KINDS[order.kind]
