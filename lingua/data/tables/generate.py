"""Writes `calendars.json` from the package exchange-calendars (Apache-2.0), which only this script needs.

python lingua/data/tables/generate.py
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

EPOCH = date(1970, 1, 1)
FIRST, LAST = "1950-01-01", "2027-10-31"
EXCHANGES = {
    "XNYS": 252, "XTSE": 251, "XLON": 253, "XETR": 254, "XPAR": 256, "XSWX": 251, "XTKS": 245, "XHKG": 246,
    "XASX": 253, "XBOM": 247, "CMES": 258,
}  # fmt: skip


def table(name: str, per_year: int) -> dict[str, Any]:
    """`eras` are [first day, opening, closing] in seconds from local midnight; `early` and `late` are the days that
    close or open at another time than their era."""
    import exchange_calendars  # development only: it loads pandas

    factory = exchange_calendars.calendar_utils._default_calendar_factories[name]
    begins, ends = factory.bound_min(), factory.bound_max()
    first = FIRST if begins is None else max(FIRST, str(begins.date()))
    last = LAST if ends is None else min(LAST, str(ends.date()))
    exchange = exchange_calendars.get_calendar(name, start=first, end=last)
    zone = str(exchange.tz)
    frame = exchange.schedule

    def seconds(column: str) -> list[int]:
        local = frame[column].dt.tz_convert(zone).dt.tz_localize(None)
        return [int(s) for s in (local - frame.index.to_series()).dt.total_seconds()]

    days = [(stamp.date() - EPOCH).days for stamp in frame.index]
    opens, closes = seconds("open"), seconds("close")
    eras = eras_of(days, opens, closes)
    usual = [next(era for era in reversed(eras) if era[0] <= day) for day in days]
    weekdays = [d for d in range(days[0], days[-1] + 1) if (d + 3) % 7 < 5]
    return {
        "zone": zone,
        "sessions_per_year": per_year,
        "eras": eras,
        "holidays": sorted(set(weekdays) - set(days)),
        "early": {d: s for d, s, era in zip(days, closes, usual, strict=True) if s != era[2]},
        "late": {d: s for d, s, era in zip(days, opens, usual, strict=True) if s != era[1]},
    }


def eras_of(days: list[int], opens: list[int], closes: list[int]) -> list[list[int]]:
    """Spans in which the hours were the same on most days: a new one begins where 30 sessions in a row have others."""
    hours = list(zip(opens, closes, strict=True))
    begin = max(set(hours[:60]), key=hours[:60].count)
    eras = [[days[0], *begin]]
    k = 0
    while k < len(days):
        ahead = hours[k : k + 30]
        most = max(set(ahead), key=ahead.count)
        if hours[k] == most and list(most) != eras[-1][1:] and len(ahead) == 30 and ahead.count(most) >= 24:
            eras.append([days[k], *most])
        k += 1
    return eras


def main() -> None:
    tables = {name: table(name, per_year) for name, per_year in EXCHANGES.items()}
    # Foreign exchange trades from Sunday to Friday, 17:00 to 17:00 in New York; banks' holidays differ: none is listed.
    tables["FX"] = {"zone": "America/New_York", "sessions_per_year": 260, "eras": [[0, -7 * 3600, 17 * 3600]]}
    Path(__file__).with_name("calendars.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
