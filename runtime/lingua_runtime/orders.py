"""The orders of one deployment as far as they are known: what was asked, what the venue said, what was executed.

Executions are counted by the venue's own numbers, so that a repetition counts once, whatever stream or look-up brings
it. A report and the executions behind it come separately and in any order; an order is settled when it has ended and
as much was executed as the venue says.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field

from lingua_runtime.guards import TINY, Guard
from lingua_runtime.ports import FillReport, OrderReport, OrderRequest
from lingua_runtime.states import AT_VENUE, FINAL, State, later, may_follow


@dataclass(slots=True)
class OrderRecord:
    """`order` is the run's number of it (-1 for a guard), `guard` what it guards; `is_target`: by taking the profit;
    `is_slice`: it is a part of the run's order. `sent_ts` and `asked_ts` (of its withdrawal) are 0 until then.
    `told_filled` is what the venue counts, `filled` what its executions add up to."""

    request: OrderRequest
    order: int = -1
    guard: Guard | None = None
    is_target: bool = False
    is_slice: bool = False
    state: State = State.CREATED
    venue_id: str = ""
    told_filled: float = 0.0
    filled: float = 0.0
    cost: float = 0.0
    created_ts: int = 0
    sent_ts: int = 0
    asked_ts: int = 0
    answered_ts: int = 0
    first_ts: int = 0
    """Of its first execution."""
    looked_up: int = 0
    absent: int = 0
    """Look-ups in a row that found nothing."""
    why: str = ""
    trades: set[str] = field(default_factory=set)

    @property
    def client_id(self) -> str:
        return self.request.client_id

    @property
    def left(self) -> float:
        """What can still be executed."""
        return max(self.request.quantity - max(self.filled, self.told_filled), 0.0) if self.state in AT_VENUE else 0.0

    @property
    def unfilled(self) -> float:
        """What its known executions leave of it."""
        return max(self.request.quantity - self.filled, 0.0)

    @property
    def is_open(self) -> bool:
        return self.state not in FINAL

    @property
    def lacks_fills(self) -> bool:
        """The venue counts more than its executions that are known add up to."""
        return self.told_filled > self.filled * (1.0 + TINY)

    @property
    def is_settled(self) -> bool:
        """Ended, and all its executions are known."""
        return self.state in FINAL and not self.lacks_fills

    def move(self, state: State, now: int, why: str = "") -> bool:
        """Go to a state that this side knows of; False where the table forbids it."""
        if not may_follow(self.state, state):
            return False
        self.state, self.why = state, why or self.why
        if state is State.SUBMITTED:
            self.sent_ts = now
        elif state is State.CANCEL_PENDING:
            self.asked_ts = now
        elif state is not State.UNKNOWN:
            self.answered_ts = now
        return True

    def is_known(self, report: OrderReport) -> bool:
        """Whether a report tells nothing that is not known."""
        is_later = later(self.state, report.state, self.told_filled, report.filled)
        return bool(self.venue_id) and not is_later and not report.filled > self.told_filled and not self.lacks_fills

    def told(self, report: OrderReport) -> bool:
        """Take a report of the venue; whether it was news."""
        self.venue_id = self.venue_id or report.venue_id
        news = later(self.state, report.state, self.told_filled, report.filled)
        if report.filled > self.told_filled:
            self.told_filled = report.filled
            news = True
        if news and may_follow(self.state, report.state):
            self.state = report.state
            self.answered_ts = report.ts
            self.why = report.why or self.why
        return news

    def executed(self, fill: FillReport) -> bool:
        """Take an execution; False for one that is known."""
        if fill.trade_id in self.trades:
            return False
        self.trades.add(fill.trade_id)
        self.first_ts = min(self.first_ts or fill.ts, fill.ts)
        self.filled += fill.quantity
        self.cost += fill.quantity * fill.price
        if self.filled >= self.request.quantity * (1.0 - TINY) and self.state not in FINAL:
            self.state = State.FILLED
            self.answered_ts = fill.ts
        elif self.state in (State.SUBMITTED, State.UNKNOWN, State.ACCEPTED):
            self.state = State.PARTIALLY_FILLED
            self.answered_ts = fill.ts
        return True

    @property
    def average(self) -> float:
        return self.cost / self.filled if self.filled else 0.0


class Orders:
    """All orders of a deployment by client id; those that ended long ago are forgotten."""

    def __init__(self, most_ended: int = 2_000) -> None:
        self._most_ended = most_ended
        self._by_id: dict[str, OrderRecord] = {}
        self._open: dict[str, OrderRecord] = {}
        self._by_symbol: dict[str, dict[str, OrderRecord]] = {}
        """Those that are open or from which something may still come."""
        self._of_run: dict[int, list[str]] = {}
        self._unsettled: dict[str, OrderRecord] = {}
        self._settled: list[OrderRecord] = []

    def add(self, record: OrderRecord) -> None:
        """Raises ValueError for a client id that was used."""
        if record.client_id in self._by_id:
            raise ValueError(f"the client id {record.client_id} was used before")
        self._by_id[record.client_id] = record
        self._open[record.client_id] = record
        self._unsettled[record.client_id] = record
        self._by_symbol.setdefault(record.request.symbol, {})[record.client_id] = record
        if record.order >= 0:
            self._of_run.setdefault(record.order, []).append(record.client_id)

    def get(self, client_id: str) -> OrderRecord | None:
        return self._by_id.get(client_id)

    def of_run(self, order: int) -> list[OrderRecord]:
        """The attempts at one order of the run, oldest first."""
        return [self._by_id[name] for name in self._of_run.get(order, ()) if name in self._by_id]

    def __iter__(self) -> Iterator[OrderRecord]:
        return iter(self._by_id.values())

    def open(self, symbol: str = "") -> list[OrderRecord]:
        if symbol:
            return [record for record in self._of_symbol(symbol) if record.state not in FINAL]
        for name in [name for name, record in self._open.items() if record.state in FINAL]:
            del self._open[name]
        return list(self._open.values())

    def states(self) -> list[tuple[str, State]]:
        """Of the open ones."""
        return [(record.client_id, record.state) for record in self.open()]

    def unclear(self, symbol: str) -> list[OrderRecord]:
        """Orders from which executions may come that are not known: the venue counts more than it has told, or one of a
        bracket has ended and the other has not said why."""
        found = [record for record in self._of_symbol(symbol) if record.lacks_fills]
        for record in self.open(symbol):
            if record.request.bracket and not record.lacks_fills and record.state is not State.CANCEL_PENDING:
                partner = self.partner(record)
                if partner is not None and not partner.is_open and partner.state is not State.REJECTED:
                    found.append(record)
        return found

    def unsettled(self, symbol: str) -> list[OrderRecord]:
        """Those from which something may still come."""
        return list(self._of_symbol(symbol))

    def newly_settled(self) -> list[OrderRecord]:
        """Those of which nothing more can come, each told once."""
        self._look()
        found, self._settled = self._settled, []
        return found

    def _look(self) -> list[OrderRecord]:
        """Those of which something may still come, in the order in which they were made."""
        for name in [name for name, record in self._unsettled.items() if record.is_settled]:
            self._settled.append(self._unsettled.pop(name))
        return list(self._unsettled.values())

    def _of_symbol(self, symbol: str) -> Collection[OrderRecord]:
        """Those of one symbol from which something may still come, in the order in which they were made."""
        found = self._by_symbol.get(symbol)
        if not found:
            return ()
        for name in [name for name, record in found.items() if record.is_settled]:
            del found[name]
        return found.values()

    def partner(self, record: OrderRecord) -> OrderRecord | None:
        """The other one of a bracket."""
        name = record.client_id
        return self._by_id.get(f"{name[:-1]}{'t' if name[-1] == 's' else 's'}")

    def guards(self, symbol: str) -> list[OrderRecord]:
        """The working orders of guards; the two of a bracket are two."""
        return [r for r in self.open(symbol) if r.guard is not None]

    def forget(self, kept: Container[int] = ()) -> None:
        """Drop the oldest of the settled ones, down to as many as are kept; those of the run's orders `kept` stay."""
        if len(self._by_id) <= self._most_ended:
            return
        settled = [name for name, record in self._by_id.items() if record.is_settled and record.order not in kept]
        for name in settled[: max(len(settled) - self._most_ended, 0)]:
            record = self._by_id.pop(name)
            if record.order >= 0:
                attempts = self._of_run[record.order]
                attempts.remove(name)
                if not attempts:
                    del self._of_run[record.order]
