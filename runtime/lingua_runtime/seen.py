"""What can be shown of a paper deployment's orders and fills: the latest of them, as its decisions told them."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import replace

from lingua.live.decisions import Decisions
from lingua_runtime.control import FillView, OrderView

MOST = 5_000


class Seen:
    def __init__(self, deployment: str) -> None:
        self._deployment = deployment
        self.orders: OrderedDict[int, OrderView] = OrderedDict()
        self.fills: deque[FillView] = deque(maxlen=MOST)
        self.opened: dict[str, int] = {}
        self.prices: dict[str, float] = {}
        self._count = 0

    def take(self, decisions: Decisions) -> None:
        for fill in decisions.fills:
            symbol = decisions.names[fill.symbol]
            self._count += 1
            self.fills.append(
                FillView(
                    self._deployment, f"{self._deployment}-f{self._count}", self._client_id(fill.order_id), symbol,
                    fill.side, fill.quantity, fill.price, fill.commission, "", fill.ts, fill.rule or fill.reason,
                )
            )  # fmt: skip
            order = self.orders.get(fill.order_id)
            if order is not None:
                filled = order.filled + fill.quantity
                state = "filled" if filled >= order.quantity * (1 - 1e-9) else "partially_filled"
                self.orders[fill.order_id] = replace(order, filled=filled, state=state, answered_ts=fill.ts)
        for event in decisions.events:
            order = self.orders.get(event.order_id)
            if order is not None and event.kind in ("canceled", "expired", "rejected") and order.state != "filled":
                self.orders[event.order_id] = replace(
                    order, state=event.kind, answered_ts=event.ts, why=event.detail or order.why
                )
        for sent in decisions.orders:
            self.orders[sent.order_id] = OrderView(
                self._deployment, self._client_id(sent.order_id), "", sent.symbol, sent.side, sent.kind, "accepted",
                sent.quantity, 0.0, _or_zero(sent.limit), _or_zero(sent.stop), sent.rule, False, decisions.ts,
                decisions.ts, decisions.ts, sent.why,
            )  # fmt: skip
        while len(self.orders) > MOST:
            self.orders.popitem(last=False)
        self.opened = {symbol: self.opened.get(symbol, decisions.ts) for symbol in decisions.positions}

    def _client_id(self, order: int) -> str:
        return f"{self._deployment}-{order}" if order >= 0 else ""


def _or_zero(price: float) -> float:
    return price if price == price else 0.0
