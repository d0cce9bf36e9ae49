"""A person's hand on a run: it opens nothing more, or closes all it has.

Both are limits of the run's own risk block, so the decision step obeys them as it obeys a drawdown: working entries are
withdrawn, exits and protection go on. They are facts of the journal, so a replay obeys them at the same bars.
"""

from __future__ import annotations

from lingua.live.strategy import LiveStrategy
from lingua.trading.codes import LAST_FOREVER, PER_RUN, TO_FLATTEN, TO_HALT
from lingua.trading.limits import Limit
from lingua.trading.plan import LimitSpec

NO_KIND = -1
"""Of a limit that measures nothing: only a person trips it."""
NAMES = {TO_HALT: "paused", TO_FLATTEN: "flattened"}


class Operator:
    """Its two limits stand behind those of the program."""

    def __init__(self, live: LiveStrategy) -> None:
        run = live.run
        self._limits: dict[int, Limit] = {}
        for effect, name in NAMES.items():
            limit = Limit(LimitSpec(NO_KIND, 0.0, PER_RUN, effect, LAST_FOREVER, 0.0, 0), len(run.limits.limits))
            run.limits.limits.append(limit)
            run.lowered.limit_names.append(name)
            self._limits[effect] = limit

    @property
    def is_halted(self) -> bool:
        return self._limits[TO_HALT].is_tripped or self._limits[TO_FLATTEN].is_tripped

    @property
    def is_flattened(self) -> bool:
        return self._limits[TO_FLATTEN].is_tripped

    def halt(self, is_on: bool) -> None:
        """Nothing is opened any more, from the next instant on."""
        self._limits[TO_HALT].is_tripped = is_on

    def flatten(self, is_on: bool) -> None:
        """All that is held is closed at the next instant, and nothing is opened any more."""
        self._limits[TO_FLATTEN].is_tripped = is_on
