"""A deployment whose orders are filled by the backtest's own step: the paper and advisory modes."""

from __future__ import annotations

from lingua.live.decisions import Decisions
from lingua_runtime.commands import Command
from lingua_runtime.journal import Entry
from lingua_runtime.journalled import DECISIONS, Facts, Journalled
from lingua_runtime.observe.timing import deciding


class Paper(Journalled):
    """See above. Missed bars are evaluated like any others: their fills are those of the bars."""

    async def _decide(self, ts: int, now: int, is_late: bool, facts: Facts) -> list[Decisions]:
        with deciding():
            decided = list(self.live.decide(ts))
        for each in decided:
            self.watcher(each)
        told = [each.to_dict() for each in decided]
        await self._write(
            [*facts, ("instant", {"ts": ts, "late": is_late}), *((DECISIONS, each) for each in told)], now
        )
        for fact in told:
            self.listener(DECISIONS, fact)
        return decided

    def _decide_again(self, ts: int, now: int, is_late: bool) -> tuple[list[Decisions], list[Command]]:
        return list(self.live.decide(ts)), []

    async def _append(self, entries: list[Entry]) -> None:
        # No order leaves, so nothing waits for the disk: what a crash takes is decided again from the same bars.
        await self.writer.post(entries)
