"""The venue's clock against ours. A bar that closes by one of them is open by the other: while they differ by more than
a node allows, nothing is opened on that venue; what is held is closed and protected as ever."""

from __future__ import annotations

from lingua_runtime.clock import Clock
from lingua_runtime.ports import Venue, VenueError

SECOND = 1_000_000_000


class ClockCheck:
    """`most_s`: the largest difference that is borne. A venue with a clock of its own (recorded bars) gives the time
    here too, and cannot differ."""

    def __init__(self, venue: Venue, clock: Clock, most_s: float) -> None:
        self._venue = venue
        self._clock = clock
        self.most_s = most_s
        self.skew_s = 0.0
        """The venue's clock less ours, as far as the answer's own delay lets one say: never more than it is."""
        self.is_off = False

    async def look(self) -> bool:
        """Ask the venue for its time; whether `is_off` has changed. Without an answer it stays as it was."""
        if self._venue.clock is not None or not self._venue.is_shared:
            return False
        before = self._clock.now()
        try:
            told = await self._venue.market.now()
        except VenueError:
            return False
        after = self._clock.now()
        # The venue read its clock somewhere between: within that time nothing can be said.
        self.skew_s = (told - min(max(told, before), after)) / SECOND
        was, self.is_off = self.is_off, abs(self.skew_s) > self.most_s
        return self.is_off is not was

    @property
    def why(self) -> str:
        """In words, while it is off."""
        side = "ahead of" if self.skew_s > 0 else "behind"
        return f"is {abs(self.skew_s):.1f} s {side} ours (more than {self.most_s:g} s): nothing is opened"
