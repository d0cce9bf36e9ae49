"""Writes the intraday sample files. They are GENERATED, not market data: a random walk with calm and lively
spells whose volatility follows the hour of the day. The same script gives the same files.

    python examples/data/generate.py
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import cos, exp, pi
from pathlib import Path

HERE = Path(__file__).parent
START = datetime(2024, 1, 1, tzinfo=UTC)


def bars(seed: int, minutes: int, count: int, price: float, yearly_volatility: float, digits: int) -> list[str]:
    """`timestamp,open,high,low,close,volume` rows, stamped at the bar's opening."""
    chance = random.Random(seed)
    usual = yearly_volatility * (minutes / 525_600) ** 0.5
    volatility, drift, level, rows = usual, 0.0, 0.0, []
    last, calm, left = price, False, 0
    for k in range(count):
        opened = START + timedelta(minutes=minutes * k)
        if left == 0:
            # Calm spells end in a burst that often keeps its direction: what breakout strategies live on.
            calm, left = not calm, chance.randint(25, 70)
            drift = 0.0 if calm else usual * chance.gauss(0, 0.12)
        left -= 1
        volatility += 0.15 * (usual * (0.35 if calm else 1.4) - volatility)
        hour = 1 + 0.3 * cos((opened.hour + opened.minute / 60 - 15) * pi / 12)
        pull = -0.02 * level if calm else 0.0
        path = [last]
        for _ in range(6):
            path.append(path[-1] * exp((drift + pull) / 6 + volatility * hour * chance.gauss(0, 1) / 6**0.5))
        level = 0.98 * level + path[-1] / path[0] - 1
        drift *= 0.97
        values = [round(x, digits) for x in (path[0], max(path), min(path), path[-1])]
        volume = round(1000 * hour * (volatility / usual) * (0.4 + chance.random()), 3)
        rows.append(f"{opened:%Y-%m-%dT%H:%M:%SZ},{','.join(f'{x:.{digits}f}' for x in values)},{volume}")
        last = values[-1]
    return rows


def write(name: str, rows: list[str]) -> None:
    (HERE / name).write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]) + "\n", "utf-8")


def main() -> None:
    write("BTCUSDT_5m.csv", bars(1, 5, 20_160, 42_000.0, 0.55, 2))
    write("ETHUSDT_15m.csv", bars(2, 15, 8_640, 2_300.0, 0.7, 2))
    write("SOLUSDT_1h.csv", bars(3, 60, 5_000, 100.0, 0.9, 3))


if __name__ == "__main__":
    main()
