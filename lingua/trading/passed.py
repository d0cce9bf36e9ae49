"""What the fast way passed over without a look, written down when somebody asks.

`plain.Plain` goes from one bar on which something happens to the next. That a rule fired in between, and that an entry
was ignored because a unit was held, changes nothing: it stands in the columns of the rules, and becomes rows here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lingua.trading import codes


@dataclass(frozen=True, slots=True)
class Passed:
    """`ranges` were walked (from, to). `gaps` (n, 3) lie in them: from, to, the quantity held meanwhile. `rules`
    (rules, P_WIDTH) and `filters` are numbers of registers, of which `registers` has a column or a constant each."""

    ranges: list[tuple[int, int]]
    gaps: Any
    rules: Any
    filters: list[int]
    registers: list[Any]
    first: int = 0
    """The bar with which the columns begin."""

    def fired(self, rows: Any) -> Any:
        """`rows` of what fired elsewhere (instant, rule, market), and those of the ranges, in the order of time."""
        found = [rows]
        for began, until in self.ranges:
            for rule in self.rules:
                says = self._is_true(rule[codes.P_CONDITION], began, until)
                if rule[codes.P_TICK] >= 0:
                    says = says & self._is_true(rule[codes.P_TICK], began, until)
                at = np.flatnonzero(says) + began
                made = np.zeros((len(at), 3))
                made[:, 0], made[:, 1] = at, rule[codes.P_RULE]
                found.append(made)
        return _in_time(found)

    def events(self, rows: Any) -> Any:
        """`rows` of events, and the entries of the gaps that were ignored or filtered, in the order of time."""
        found = [rows]
        for rule in self.rules if len(self.gaps) else ():
            if not rule[codes.P_BUYS]:
                continue
            true = (
                np.flatnonzero(self._is_true(rule[codes.P_CONDITION], self.first, int(self.gaps[-1, 1]))) + self.first
            )
            first, last = (np.searchsorted(true, self.gaps[:, k]) for k in (0, 1))
            counts = last - first
            inside = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
            found.append(self._ignored(true[inside], int(rule[codes.P_RULE]), np.repeat(self.gaps[:, 2], counts)))
        return _in_time(found)

    def _ignored(self, at: Any, rule: int, held: Any) -> Any:
        made = np.zeros((len(at), codes.E_WIDTH))
        made[:, codes.E_INSTANT] = made[:, codes.E_BAR] = at
        made[:, codes.E_KIND], made[:, codes.E_WHY] = codes.IGNORED, codes.WHY_OPEN
        made[:, codes.E_RULE], made[:, codes.E_ORDER] = rule, -1.0
        made[:, codes.E_QUANTITY] = made[:, codes.E_PRICE] = np.nan
        made[:, codes.E_A] = held
        if not len(at):
            return made
        # The first filter that does not hold tells: later ones are written over by those before them.
        for number, slot in reversed(list(enumerate(self.filters))):
            fails = ~self._is_true(slot, self.first, int(at[-1]) + 1)[at - self.first]
            made[fails, codes.E_KIND], made[fails, codes.E_WHY] = codes.FILTERED, codes.WHY_FILTER
            made[fails, codes.E_A] = number
        return made

    def _is_true(self, slot: int, began: int, until: int) -> Any:
        values = self.registers[slot]
        if not isinstance(values, np.ndarray):
            return np.full(until - began, values == 2.0)
        return values[began - self.first : until - self.first] == 2


def _in_time(tables: list[Any]) -> Any:
    """The rows of all, by their first cell; those of one instant in the order of the tables."""
    if len(tables) == 1:
        return tables[0]
    joined = np.concatenate(tables)
    return joined[np.argsort(joined[:, 0], kind="stable")]
