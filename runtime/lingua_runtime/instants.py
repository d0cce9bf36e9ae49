"""When an instant may be decided: when every bar that closes then is there, or is waited for no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingua.data.resample import period_of
from lingua.data.timeframe import Timeframe
from lingua.live.bars import Channel

SECOND = 1_000_000_000


class Instants:
    """`calendars` by symbol. Bars are told as they come; `due` gives the instants that are to be decided now, oldest
    first, each with the channels of which a bar was expected and did not come."""

    def __init__(self, channels: Sequence[Channel], calendars: Mapping[str, str], deadline_s: float = 2.0) -> None:
        self._channels = channels
        self._calendars = calendars
        self._deadline = int(deadline_s * SECOND)
        self._last: dict[Channel, int] = {}
        self._waiting: dict[int, int] = {}
        """Instants to be decided, and when the first bar of each came."""

    def came(self, channel: Channel, ts: int, now: int, *, decides: bool = True) -> None:
        """A bar of a channel that closes at `ts`. `decides`: not by itself (a bar of a data symbol)."""
        self._last[channel] = max(ts, self._last.get(channel, ts))
        if decides:
            self._waiting.setdefault(ts, now)

    def due(self, now: int) -> list[tuple[int, list[Channel]]]:
        out: list[tuple[int, list[Channel]]] = []
        for ts in sorted(self._waiting):
            missing = [each for each in self._channels if self._last.get(each, 0) < ts and self._closes(each, ts)]
            # The deadline counts from the close: a bar that is repaired long after finds nobody waiting.
            if missing and now < ts + self._deadline:
                break
            out.append((ts, missing))
        for ts, _ in out:
            del self._waiting[ts]
        return out

    @property
    def next_deadline(self) -> int | None:
        """When the oldest instant is waited for no longer."""
        return min(self._waiting) + self._deadline if self._waiting else None

    def _closes(self, channel: Channel, ts: int) -> bool:
        """Whether a bar of the channel is to close at `ts`."""
        _, end = period_of(ts - 1, Timeframe.parse(channel.timeframe), self._calendars[channel.symbol])
        return int(end) == ts
