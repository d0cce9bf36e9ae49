"""Writes `calendars.json` from the package exchange-calendars (Apache-2.0), which only this script needs.

    python lingua/data/tables/generate.py
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

EPOCH = date(1970, 1, 1)
FIRST, LAST = "1970-01-01", "2027-10-31"
EXCHANGES = {"XNYS": 252, "XLON": 253, "XTKS": 245, "CMES": 258}


def table(name: str, per_year: int) -> dict[str, Any]:
    import exchange_calendars  # development only: it loads pandas

    begins = exchange_calendars.calendar_utils._default_calendar_factories[name].bound_min()
    first = FIRST if begins is None else max(FIRST, str(begins.date()))
    exchange = exchange_calendars.get_calendar(name, start=first, end=LAST)
    zone = str(exchange.tz)
    frame = exchange.schedule

    def seconds(column: str) -> Any:
        local = frame[column].dt.tz_convert(zone).dt.tz_localize(None)
        return ((local - frame.index.to_series()).dt.total_seconds()).astype(int)

    opens, closes = seconds("open"), seconds("close")
    usual_open, usual_close = int(opens.iloc[-250:].mode()[0]), int(closes.iloc[-250:].mode()[0])
    days = [(stamp.date() - EPOCH).days for stamp in frame.index]
    weekdays = [d for d in range(days[0], days[-1] + 1) if (d + 3) % 7 < 5]
    return {
        "zone": zone,
        "opens": usual_open,
        "closes": usual_close,
        "sessions_per_year": per_year,
        "holidays": sorted(set(weekdays) - set(days)),
        "early": {d: int(s) for d, s in zip(days, closes, strict=True) if s != usual_close},
        "late": {d: int(s) for d, s in zip(days, opens, strict=True) if s != usual_open},
    }


def main() -> None:
    tables = {name: table(name, per_year) for name, per_year in EXCHANGES.items()}
    # Foreign exchange trades from Sunday to Friday, 17:00 to 17:00 in New York; banks' holidays differ, so none is listed.
    tables["FX"] = {"zone": "America/New_York", "opens": -7 * 3600, "closes": 17 * 3600, "sessions_per_year": 260}
    Path(__file__).with_name("calendars.json").write_text(json.dumps(tables, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
