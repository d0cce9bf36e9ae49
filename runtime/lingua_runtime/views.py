"""What a deployment has, as it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lingua_runtime.control import ApprovalView, OrderView, PositionView
from lingua_runtime.host import Host
from lingua_runtime.kernel import SECOND
from lingua_runtime.orders import OrderRecord
from lingua_runtime.states import AT_VENUE, State

ENDED = ("filled", "canceled", "expired", "rejected", "denied", "replaced")


def orders(hosts: Iterable[Host], *, is_open: bool, most: int) -> Sequence[OrderView]:
    """Oldest first, the newest `most` of them."""
    found: list[OrderView] = []
    for host in hosts:
        if host.given is None:
            found += host.seen.orders.values()
        else:
            found += (order_view(host, record) for record in host.given.kernel.orders)
    chosen = [each for each in found if not is_open or each.state not in ENDED]
    return sorted(chosen, key=lambda each: each.created_ts)[-most:]


def order_view(host: Host, record: OrderRecord) -> OrderView:
    request = record.request
    return OrderView(
        host.id, record.client_id, record.venue_id, request.symbol, request.side, request.kind, str(record.state),
        request.quantity, max(record.filled, record.told_filled), request.limit, request.stop,
        _purpose(host, record), record.guard is not None, record.created_ts, record.sent_ts, record.answered_ts,
        record.why,
    )  # fmt: skip


def _purpose(host: Host, record: OrderRecord) -> str:
    """The rule of an order of the run; what closes without one says why it left."""
    is_closing = record.order < 0 and record.guard is None
    return "closing" if is_closing else host.rule_of(record.order)


def positions(host: Host) -> list[PositionView]:
    """What is held now; of a venue's account with what is not booked yet."""
    live, out = host.deployment.live, []
    for market, symbol in enumerate(live.names):
        position, mark = live.run.book.positions[market], live.run.book.markets[market].mark
        given = host.given
        quantity = position.quantity
        protected = sum(u.quantity for u in position.units if not math.isnan(u.stop) and 0 < u.stop < 1e300)
        if given is not None:
            held = given.kernel.held(market)
            quantity = sum(unit.quantity * unit.side for unit in held)
            mark = given.kernel.prices.get(symbol, mark)
            protected = sum(
                r.left for r in given.kernel.orders.guards(symbol) if r.state in AT_VENUE and not r.is_target
            )
        if quantity == 0.0:
            continue
        whole = sum(unit.quantity for unit in position.units)
        entry = sum(unit.entry * unit.quantity for unit in position.units) / whole if whole else mark
        pnl = (mark - entry) * quantity * live.run.book.markets[market].multiplier
        opened = min((live.entered.get(unit.id, 0) for unit in position.units), default=0)
        opened = opened or host.seen.opened.get(symbol, 0)
        out.append(PositionView(host.id, symbol, quantity, entry, mark, pnl, protected, opened))
    return out


def approvals(host: Host) -> list[ApprovalView]:
    given = host.given
    if given is None or not given.kernel.needs_approval:
        return []
    out = []
    for record in given.kernel.orders.open():
        request = record.request
        if record.state is not State.CREATED or record.order < 0 or request.is_reduce:
            continue
        price = request.limit or request.stop or given.kernel.prices.get(request.symbol, 0.0)
        if not price:
            price = given.live.run.book.markets[given.live.names.index(request.symbol)].mark
        quantity = given.kernel.asked_for(record)
        expires = record.created_ts + int(given.kernel.settings.approval_s * SECOND)
        out.append(
            ApprovalView(
                f"{host.id}:{record.order}", host.id, request.symbol, request.side, quantity,
                quantity * price, request.kind, host.rule_of(record.order), record.created_ts, expires,
            )
        )  # fmt: skip
    return out
