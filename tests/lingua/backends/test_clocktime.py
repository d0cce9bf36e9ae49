"""Parts of stamps in zones."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lingua.backends import clocktime


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Paris"])
@pytest.mark.parametrize("name", ["hour", "minute", "second", "weekday", "day", "month", "year"])
def test_a_missing_stamp_has_no_parts_and_the_others_keep_theirs(name: str, zone: str) -> None:
    # 2024-03-10 is the day New York puts its clocks forward: `time[1]` on the first bar lies beside its stamps.
    stamps = np.array([1_710_054_000.0 + 1800.0 * k for k in range(6)])
    with_hole = np.concatenate(([math.nan], stamps))
    found = clocktime.part(with_hole, name, zone)
    assert math.isnan(found[0])
    assert np.array_equal(found[1:], clocktime.part(stamps, name, zone))
