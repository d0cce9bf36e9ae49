"""How good a stream of bars is: its age, its holes, what had to be fetched, and one number for all of it."""

from __future__ import annotations

from collections.abc import Mapping

from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.live.bars import Channel, ClosedBar

SECOND = 1_000_000_000
FORGETS = 0.995
"""By how much the past counts less with every bar."""


class Feed:
    """Of one channel."""

    def __init__(self, channel: Channel, calendar: str) -> None:
        self.channel = channel
        self.calendar = calendar
        self.length = Timeframe.parse(channel.timeframe)
        self.bars = self.repaired = self.gaps = self.repeated = self.late = 0
        self.last_ts = 0
        self.came_at = 0
        self.lag_s = 0.0
        self._good = 1.0
        self._is_stale = False

    def came(self, bar: ClosedBar, now: int, *, is_repaired: bool) -> None:
        self.bars += 1
        self.repaired += is_repaired
        self.last_ts, self.came_at = bar.ts, now
        self.lag_s = max((now - bar.ts) / SECOND, 0.0)
        self._is_stale = False
        self._good = FORGETS * self._good + (1.0 - FORGETS) * (not is_repaired)

    def is_gap(self, last_ts: int, bar: ClosedBar) -> bool:
        """Whether a bar should have closed between the last one and this one."""
        if last_ts < 0 or bar.open_ts <= last_ts:
            return False
        start, _ = period_of(bar.ts - 1, self.length, self.calendar)
        _, after_last = period_of(last_ts, self.length, self.calendar)
        is_missing = int(after_last) <= int(start)
        self.gaps += is_missing
        return is_missing

    def age(self, now: int) -> float:
        """Seconds since the last bar closed."""
        return (now - self.last_ts) / SECOND if self.last_ts else 0.0

    def goes_stale(self, now: int, patience_s: float) -> bool:
        """Whether the next bar is overdue by `patience_s`; told once until one comes."""
        if not self.last_ts or self._is_stale:
            return False
        _, due = period_of(self.last_ts, self.length, self.calendar)
        self._is_stale = now > int(due) + int(patience_s * SECOND)
        return self._is_stale

    def figures(self, now: int) -> Mapping[str, float]:
        """`score`: from 0 (everything had to be fetched, or nothing comes) to 100."""
        return {
            "age_s": self.age(now), "lag_s": self.lag_s, "gaps": self.gaps, "repaired": self.repaired,
            "repeated": self.repeated, "late": self.late, "score": 0.0 if self._is_stale else 100.0 * self._good,
        }  # fmt: skip
