"""Tables whose columns have a second header with the symbol, as a downloader of several shares writes them.

Price,Close,High,Low,Open,Volume
Ticker,AAPL,AAPL,AAPL,AAPL,AAPL
Date,,,,,
2024-01-02,185.64,188.44,183.89,187.15,82488700
"""

from __future__ import annotations

Rows = list[list[str]]

TITLES = ("ticker", "tickers", "symbol", "symbols")
TIMES = ("date", "datetime", "timestamp")


def has_second_header(text: str, separator: str) -> bool:
    """Whether one of the first two lines begins like a row of symbols."""
    return any(line.partition(separator)[0].strip(' "').lower() in TITLES for line in text.split("\n", 2)[:2])


def stacked(header: list[str], rows: Rows, numbers: list[int]) -> tuple[list[str], Rows, list[int]] | None:
    """Header, rows and their numbers with one row for each symbol and time, and a column of symbols; None for a table
    that is not of this kind. Either header may come first."""
    if not rows or len(header) < 5:
        return None
    first = [cell.strip().lower() for cell in rows[0]]
    if first[0] in TITLES:
        names, symbols = [name.rstrip("_") for name in header], [cell.strip() for cell in rows[0]]
    elif header[0] in TITLES and first[0] in ("price", "attributes", ""):
        names, symbols = first, [name.rstrip("_").upper() for name in header]
    else:
        return None
    rows, numbers = rows[1:], numbers[1:]
    if rows and rows[0][0].strip().lower() in TIMES and not any(cell.strip() for cell in rows[0][1:]):
        rows, numbers = rows[1:], numbers[1:]
    titles = list(dict.fromkeys(names[1:]))
    held = list(dict.fromkeys(symbols[1:]))
    place = {(symbol, name): k for k, (symbol, name) in enumerate(zip(symbols, names, strict=True)) if k}
    out: Rows = []
    at: list[int] = []
    for symbol in held:
        where = [place.get((symbol, title), -1) for title in titles]
        for row, number in zip(rows, numbers, strict=True):
            cells = [row[k] if k >= 0 else "" for k in where]
            # A symbol that was not traded yet has empty cells beside the others' prices.
            if any(cell.strip() for cell in cells):
                out.append([row[0], *cells, symbol])
                at.append(number)
    return ["date", *titles, "symbol"], out, at
