"""The ledger's facts as tables: one row a trade, an execution, a step of an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lingua.backtest.tables import NO_TIME, Table
from lingua.data.bars import Floats
from lingua.trading.records import Fill, OrderEvent, Trade


def trades_table(rows: Sequence[Trade]) -> Table:
    """Entry and exit times are instants, empty while a trade is open."""

    def column(name: str) -> list[Any]:
        return [getattr(row, name) for row in rows]

    columns: dict[str, Any] = {
        "symbol": column("symbol"),
        "side": column("side"),
        "quantity": _floats(column("quantity")),
        "entry_time": np.asarray(column("entry_ts"), dtype=np.int64),
        "entry_price": _floats(column("entry_price")),
        "exit_time": np.asarray([NO_TIME if row.exit_ts is None else row.exit_ts for row in rows], dtype=np.int64),
        "exit_price": _floats(column("exit_price")),
        "pnl": _floats(column("pnl")),
        "commission": _floats(column("commission")),
        "bars": np.asarray(column("bars"), dtype=np.int64),
        "entry_rule": column("entry_rule"),
        "exit_rule": [row.exit_rule if row.exit_ts is not None else "" for row in rows],
        "trade_id": np.asarray(column("trade_id"), dtype=np.int64),
        "tag": column("tag"),
    }
    for name in ("slippage", "carry", "planned_risk", "r", "mae", "mfe"):
        columns[name] = _floats(column(name))
    columns["is_before_settle"] = column("is_before_settle")
    columns["is_ambiguous"] = column("is_ambiguous")
    return Table(columns, frozenset({"entry_time", "exit_time"}))


def fills_table(rows: Sequence[Fill], symbols: Sequence[str]) -> Table:
    """`symbols` by the number that a fill carries."""
    columns: dict[str, Any] = {
        "time": np.asarray([row.ts for row in rows], dtype=np.int64),
        "symbol": [symbols[row.symbol] for row in rows],
        "side": ["buy" if row.side > 0 else "sell" for row in rows],
    }
    for name in ("quantity", "price", "commission", "slippage"):
        columns[name] = _floats([getattr(row, name) for row in rows])
    for name in ("order_id", "rule", "reason", "is_maker", "is_ambiguous"):
        columns[name] = [getattr(row, name) for row in rows]
    return Table(columns, frozenset({"time"}))


def orders_table(rows: Sequence[OrderEvent], symbols: Sequence[str]) -> Table:
    """`symbols` by the number that an event carries."""
    columns: dict[str, Any] = {
        "time": np.asarray([row.ts for row in rows], dtype=np.int64),
        "symbol": [symbols[row.symbol] for row in rows],
    }
    for name in ("kind", "rule", "order_id", "quantity", "price", "detail"):
        columns[name] = [getattr(row, name) for row in rows]
    return Table(columns, frozenset({"time"}))


def _floats(values: Sequence[float | None]) -> Floats:
    return np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)
