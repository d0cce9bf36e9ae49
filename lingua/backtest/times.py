"""Instants as text: UTC nanoseconds to ISO-8601 with `Z`, one or a column."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["s", "ms", "us", "ns"]
SECOND = 1_000_000_000
DAY = 86_400 * SECOND


def iso(ts: int) -> str:
    """`2024-03-01T14:30:00Z`; fractions of a second only when there are any.

    >>> iso(1_704_067_200_000_000_000)
    '2024-01-01T00:00:00Z'
    """
    return iso_column(np.asarray([ts], dtype=np.int64))[0]


def iso_column(ts: NDArray[np.int64]) -> list[str]:
    """(n,) instants as text, all with the same number of decimals: the fewest that lose nothing."""
    form = Decimals()
    form.take(ts)
    return form.texts(ts)


UNITS: tuple[tuple[Unit, int], ...] = (("s", SECOND), ("ms", 1_000_000), ("us", 1000), ("ns", 1))


class Decimals:
    """The fewest decimals that lose nothing of the instants taken so far."""

    def __init__(self) -> None:
        self._at = 0

    def take(self, ts: NDArray[np.int64]) -> None:
        while np.any(ts % UNITS[self._at][1]):
            self._at += 1

    def texts(self, ts: NDArray[np.int64]) -> list[str]:
        """(n,) instants as ISO-8601."""
        return _written(ts, UNITS[self._at][0])


def _written(ts: NDArray[np.int64], unit: Unit) -> list[str]:
    stamps: NDArray[np.datetime64] = ts.astype("datetime64[ns]")
    texts: list[str] = np.datetime_as_string(stamps, unit=unit).tolist()
    return [f"{text}Z" for text in texts]


def utc_days(ts: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) day number of bars closing at `ts`; a bar that closes at midnight belongs to the day that ends there."""
    days: NDArray[np.int64] = (ts - 1) // DAY
    return days
