"""From a table to raw bars: columns found, stamps and numbers read; what cannot be read is listed, not yet refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lingua.data.checks import DROP, PRICES, Fault, Raw
from lingua.data.errors import DataError, MissingData
from lingua.data.numbers import as_floats
from lingua.data.roles import Roles, find_roles, volumes_of
from lingua.data.stamps import parse_stamps
from lingua.data.table import Instants, Table


def read_raw(
    table: Table, symbol: str = "", zone: str = "UTC", mend: Sequence[str] = (), *, is_piece: bool = False
) -> Raw:
    """Raw bars of `symbol` (of the only symbol if the file has one). `is_piece`: the table is a piece of a larger one,
    so that a column without a number says nothing. With the mend `close` its closes may stand for other prices.

    Raises DataError where the table as a whole cannot be bars: columns missing, no rows, another symbol.
    """
    roles = find_roles(table, closes_alone="close" in mend)
    table, found = one_symbol(table, roles.symbol, symbol)
    if not len(table):
        raise DataError(
            "there is not a single bar" + (" with as many fields as the header" if table.ragged else ""),
            file=table.source, rows=table.ragged, mend="give a file with bars",
        )  # fmt: skip
    unreadable = []
    if table.ragged:
        text = f"the row does not have the {len(table.columns)} fields of the header"
        unreadable.append(Fault("ragged", text, table.ragged, DROP))
    parsed = parse_stamps(_times(table, roles), zone, table.source, table.rows)
    if parsed.bad.any():
        rows = tuple(table.rows[parsed.bad].tolist())
        mend = f"write times as 2024-01-31T14:30:00Z or 2024-01-31; {DROP}"
        unreadable.append(Fault("stamp", parsed.cause, rows, mend))
        if parsed.bad.all():
            fault = unreadable[-1]
            raise DataError(fault.text, file=table.source, rows=fault.rows, mend=fault.mend)
        table = table.take(~parsed.bad)
    ts = parsed.ts[~parsed.bad]
    columns = {}
    bad_cells = np.zeros(len(table), dtype=np.bool_)
    for role, name in (*roles.prices.items(), ("volume", roles.volume)):
        if not name:
            columns[role] = np.full(len(table), np.nan)
            continue
        columns[role], bad = as_floats(table.columns[name])
        if bad:
            bad_cells[bad] = True
            text = f"`{str(table.columns[name][bad[0]])[:40]}` in column {name} is not a number"
            unreadable.append(Fault("number", text, tuple(table.rows[bad].tolist()), DROP))
    from_close = [role for role, name in roles.prices.items() if role != "close" and name == roles.prices["close"]]
    if from_close and "open" not in from_close:
        pair = (columns["open"], columns["close"])
        columns.update({role: (np.fmax if role == "high" else np.fmin)(*pair) for role in from_close})
    if not is_piece:
        columns["volume"] = _recorded_volume(table, columns["volume"])
    columns.update(_extra(table, roles, is_piece=is_piece))
    synthetic = np.zeros(len(table), dtype=np.bool_)
    if roles.synthetic:
        marks = [str(value).strip().lower() for value in table.columns[roles.synthetic]]
        synthetic = np.isin(marks, ("1", "1.0", "true"))
    return Raw(table.source, ts, columns, table.rows, bad_cells, synthetic, tuple(unreadable), roles.stamps, found,
               len(ts) if from_close else 0)  # fmt: skip


def _recorded_volume(table: Table, volume: Any) -> Any:
    """The volume, unless it is 0 throughout and another column of volumes is not: brokers without an exchange write
    0 as the volume and count ticks beside it."""
    if not len(volume) or not (volume == 0.0).all():
        return volume
    for name in volumes_of(table):
        other, bad = as_floats(table.columns[name])
        if not bad and (other > 0.0).any():
            return other
    return volume


def _extra(table: Table, roles: Roles, *, is_piece: bool) -> dict[str, Any]:
    """Further columns, where all of their cells are numbers."""
    found = {}
    for name in roles.extra:
        if name in PRICES or name == "volume":
            continue
        numbers, bad = as_floats(table.columns[name])
        if not bad and (is_piece or not np.isnan(numbers).all()):
            numbers[np.isinf(numbers)] = np.nan
            found[name] = numbers
    return found


def _times(table: Table, roles: Roles) -> Any:
    times = table.columns[roles.time]
    if not roles.clock or isinstance(times, Instants):
        return times
    return [f"{day} {clock}" for day, clock in zip(times, table.columns[roles.clock], strict=True)]


def symbols_of(table: Table) -> list[str]:
    """The symbols of a file that holds several; empty if it does not say."""
    name = find_roles(table, closes_alone=True).symbol
    return list(dict.fromkeys(str(value) for value in table.columns[name])) if name else []


def one_symbol(table: Table, column: str, symbol: str) -> tuple[Table, str]:
    """The rows of one symbol, and the name the file has for it. Raises MissingData where it must be chosen."""
    if not column:
        return table, ""
    values = [str(value).strip() for value in table.columns[column]]
    distinct = list(dict.fromkeys(values))
    same = [each for each in distinct if plain(each) == plain(symbol)] if symbol else []
    chosen = symbol if symbol in distinct else same[0] if len(same) == 1 else ""
    if not chosen and len(distinct) == 1:
        return table, distinct[0]
    if not chosen:
        shown = ", ".join(distinct[:8]) + (", …" if len(distinct) > 8 else "")
        raise MissingData(
            f"the file holds {len(distinct)} symbols ({shown})" + (f", none of them {symbol}" if symbol else ""),
            file=table.source, mend=f"choose one, for example `--symbol {distinct[0]}`" if distinct else "",
        )  # fmt: skip
    if len(distinct) == 1:
        return table, chosen
    return table.take(np.array([value == chosen for value in values])), chosen


def plain(symbol: str) -> str:
    """A symbol without its venue and punctuation: `CME:ES` is es, `BTC/USDT` btcusdt."""
    return "".join(c for c in symbol.rpartition(":")[2].lower() if c.isalnum())
