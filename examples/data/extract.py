"""Writes the daily sample files from the package bokeh_sampledata, which only this script needs.

python examples/data/extract.py
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
SYMBOLS = ("AAPL", "IBM", "MSFT")


def main() -> None:
    from bokeh_sampledata import stocks

    for symbol in SYMBOLS:
        table = getattr(stocks, symbol)
        rows = zip(*(table[name] for name in ("date", "open", "high", "low", "close", "volume")), strict=True)
        text = "".join(f"{day},{o},{h},{low},{c},{v}\n" for day, o, h, low, c, v in rows)
        (HERE / f"{symbol}.csv").write_text("date,open,high,low,close,volume\n" + text, "utf-8")


if __name__ == "__main__":
    main()
