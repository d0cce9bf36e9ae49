"""Which word was probably meant."""

from __future__ import annotations

import pytest

from lingua.diagnostics.suggest import did_you_mean

KNOWN = [
    "indicator",
    "rule",
    "let",
    "and",
    "or",
    "crosses",
    "equity",
    "sma",
    "ema",
    "rsi",
    "linearreg_slope",
    "high",
    "low",
]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("indcator", "indicator"),
        ("inidcator", "indicator"),
        ("AND", "and"),
        ("linearregslope", "linearreg_slope"),
        ("equty", "equity"),
        ("rs", "rsi"),
        ("hihg", "high"),
        ("ruel", "rule"),
        ("xyz", None),
        ("a", None),
        ("", None),
        ("and", None),
        ("q" * 100, None),
    ],
)
def test_did_you_mean(word: str, meant: str | None) -> None:
    assert did_you_mean(word, KNOWN) == meant


def test_the_nearest_wins_and_the_first_of_equals() -> None:
    assert did_you_mean("slow_ma", ["slow", "slow_m", "fast_ma"]) == "slow_m"
    assert did_you_mean("xma", ["ema", "sma"]) == "ema"
