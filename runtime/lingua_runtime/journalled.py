"""What every deployment is, whoever fills its orders: a strategy, fed with bars, that writes down what it is told and
what it decides before anything follows from it, and that stands after a restart where its journal ends.

Journal kinds of every deployment: `begin` `history` `bar` `instant` `decisions` `operator` `expired`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lingua.live.bars import Channel, ClosedBar
from lingua.live.decisions import Decisions
from lingua.live.strategy import LiveStrategy
from lingua_runtime import wire
from lingua_runtime.clock import Clock
from lingua_runtime.commands import Alarm, Command, Level
from lingua_runtime.journal import Entry, JournalError, Record, Writer
from lingua_runtime.observe.timing import timed
from lingua_runtime.operator import Operator

Hook = Callable[[str], None]
"""Called with the name of each step between an event and its effect; tests stop there."""
Listener = Callable[[str, Mapping[str, Any]], None]
"""Called with (kind, data) of what should be seen: decisions, alarms, orders, fills."""
Watcher = Callable[[Decisions], None]
"""Called with the decisions of every instant, those that are told again after a restart included."""
BarWatcher = Callable[[Channel, ClosedBar], None]
"""Called with every bar, history and those that are told again included."""

DECISIONS, COMMAND = "decisions", "command"
MOST_NOTED = 500
"""Facts that wait to be written with what follows from them."""
Facts = list[tuple[str, Mapping[str, Any]]]


class ReplayError(Exception):
    """The journal, told again, gives other decisions than those it holds."""


class Journalled:
    """See above. `live` stands before its first bar."""

    def __init__(
        self,
        name: str,
        live: LiveStrategy,
        writer: Writer,
        clock: Clock,
        *,
        hook: Hook = lambda _: None,
        listener: Listener = lambda *_: None,
        watcher: Watcher = lambda _: None,
        bar_watcher: BarWatcher = lambda *_: None,
    ) -> None:
        self.name = name
        self.live = live
        self.writer = writer
        self.clock = clock
        self.hook = hook
        self.listener = listener
        self.watcher = watcher
        self.bar_watcher = bar_watcher
        self.operator = Operator(live)
        self.failure: BaseException | None = None
        self._history_ts = 0
        self._expected: deque[tuple[str, Any]] = deque()
        """What the facts told so far must have led to, and has not been read yet."""
        self.compared = 0
        """Decisions and commands that were told again and found the same."""
        self._noted: list[Entry] = []

    # --- what happens --------------------------------------------------------------------------------

    async def bar(self, channel: Channel, bar: ClosedBar) -> None:
        """A closed bar of a channel; decided when its instant is (`instant`). It is written down with what comes next:
        nothing follows from it before, and a bar that is lost is asked for again."""
        self._push(channel, bar)
        await self._note("bar", {"channel": self.live.channels.index(channel), "bar": wire.bar_data(bar)})

    async def instant(self, ts: int, *, is_late: bool = False, expired: Sequence[Channel] = ()) -> list[Decisions]:
        """Every bar that closes by `ts` is there, or (`expired`) is waited for no longer."""
        now = self.clock.now()
        facts: Facts = []
        if expired:
            facts.append(("expired", {"ts": ts, "channels": [self.live.channels.index(each) for each in expired]}))
        return await self._decide(ts, now, is_late, facts)

    async def _decide(self, ts: int, now: int, is_late: bool, facts: Facts) -> list[Decisions]:
        raise NotImplementedError

    async def operate(self, what: str, is_on: bool) -> None:
        """A person halts (`halt`) or flattens (`flatten`), or takes it back."""
        self._operate(what, is_on)
        await self._write([("operator", {"what": what, "on": is_on})])

    def _operate(self, what: str, is_on: bool) -> None:
        if what == "halt":
            self.operator.halt(is_on)
        else:
            self.operator.flatten(is_on)

    # --- beginning -----------------------------------------------------------------------------------

    async def begin(self, history: Iterable[tuple[Channel, ClosedBar]]) -> None:
        """The first start: warm up on `history`, in the order of closes."""
        entries: Facts = [("begin", {"deployment": self.name, "fingerprint": self.live.compiled.fingerprint})]
        for channel, bar in history:
            self._take_history(channel, bar)
            entries.append(("history", {"channel": self.live.channels.index(channel), "bar": wire.bar_data(bar)}))
        self._end_history()
        await self._write(entries)

    def retell(self, records: Iterable[Record]) -> None:
        """A later start: stand where the journal ends. Raises ReplayError when the same input gives other decisions."""
        for record in records:
            self.retell_one(record)
        self.retold()

    def retell_one(self, record: Record) -> None:
        """The next record of the journal. Raises ReplayError."""
        if record.kind in (DECISIONS, COMMAND):
            kind, data = self._expected.popleft() if self._expected else ("nothing", None)
            if kind != record.kind or data != record.data:
                raise ReplayError(
                    f"{self.name}: record {record.seq} holds {record.kind} that its input does not give"
                    f"{differs(data, record.data)}"
                )
            self.compared += 1
            return
        if self._expected:
            kind, data = self._expected[0]
            raise ReplayError(
                f"{self.name}: before record {record.seq}, {kind} are not written down: {str(data)[:200]}"
            )
        decided, commands = self._again(record)
        self._expected.extend((DECISIONS, _as_read(each.to_dict())) for each in decided)
        self._expected.extend((COMMAND, _as_read(wire.command_data(each))) for each in commands)

    def retold(self) -> None:
        """The journal has ended. Raises ReplayError: an instant and its decisions are in one write."""
        if self._expected:
            raise ReplayError(f"{self.name}: the last decisions are not written down")

    def _again(self, record: Record) -> tuple[list[Decisions], list[Command]]:
        """What a record tells happens again."""
        if record.kind != "history" and self._history_ts:
            self._end_history()
        match record.kind:
            case "history":
                self._take_history(self.live.channels[record.data["channel"]], wire.bar_of(record.data["bar"]))
            case "bar":
                self._push(self.live.channels[record.data["channel"]], wire.bar_of(record.data["bar"]))
            case "instant":
                decided, commands = self._decide_again(int(record.data["ts"]), record.ts, bool(record.data["late"]))
                for each in decided:
                    self.watcher(each)
                return decided, commands
            case "operator":
                self._operate(record.data["what"], bool(record.data["on"]))
            case _:
                return [], self._told_again(record)
        return [], []

    def _decide_again(self, ts: int, now: int, is_late: bool) -> tuple[list[Decisions], list[Command]]:
        raise NotImplementedError

    def _told_again(self, record: Record) -> list[Command]:
        """A record of a kind that only some deployments have."""
        return []

    # --- writing -------------------------------------------------------------------------------------

    async def _note(self, kind: str, data: Mapping[str, Any]) -> None:
        """A fact from which nothing follows yet: it is written together with the next one from which something does."""
        self._noted.append(Entry(self.name, kind, self.clock.now(), data))
        if len(self._noted) >= MOST_NOTED:
            await self._write([])

    async def _write(self, entries: Facts, now: int | None = None) -> None:
        ts = self.clock.now() if now is None else now
        noted, self._noted = self._noted, []
        try:
            await self._append([*noted, *(Entry(self.name, kind, ts, data) for kind, data in entries)])
        except JournalError as problem:
            self._cannot_write(problem)
            raise

    async def _append(self, entries: list[Entry]) -> None:
        with timed("journal"):
            await self.writer.append(entries)

    def _cannot_write(self, problem: JournalError) -> None:
        """Nothing may follow from what is not on the disk."""
        self.failure = problem
        self._tell(Alarm(Level.CRITICAL, "journal", str(problem)))

    def _tell(self, alarm: Alarm) -> None:
        self.listener("alarm", wire.command_data(alarm))

    def _take_history(self, channel: Channel, bar: ClosedBar) -> None:
        """Bars of one instant are there together before it is taken."""
        if bar.ts > self._history_ts:
            self._end_history()
        self._push(channel, bar)
        self._history_ts = bar.ts

    def _push(self, channel: Channel, bar: ClosedBar) -> None:
        self.live.push(channel, bar)
        self.bar_watcher(channel, bar)

    def _end_history(self) -> None:
        if self._history_ts:
            # Decided, and not only fed: readiness is a number of bars that the run has seen. Before `acts_from` no
            # rule acts.
            for _ in self.live.decide(self._history_ts):
                pass
        self._history_ts = 0


def _as_read(data: Any) -> Any:
    """Data as the journal gives it back."""
    return json.loads(json.dumps(data))


def differs(ours: Any, theirs: Any, path: str = "") -> str:
    """Where two pieces of plain data differ first, for a message."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return next((found for k in ours if (found := differs(ours[k], theirs[k], f"{path}.{k}"))), "")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return next((found for k, (a, b) in pairs if (found := differs(a, b, f"{path}[{k}]"))), "")
    return "" if ours == theirs else f": {path or 'it'} is {str(theirs)[:200]}, and would be {str(ours)[:200]}"
