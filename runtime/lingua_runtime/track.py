"""How a deployment has done since it began, kept up bar by bar in memory that does not grow with the bars.

The figures have the names and formulas of a backtest's (`lingua.backtest.metrics`); those that need every bar are left
out. Returns are counted at the ends of sessions.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from lingua.data.calendars import session_of, sessions_per_year
from lingua.live.decisions import Decisions
from lingua_runtime.control import EquityPoint

MOST_POINTS = 4_000
LEAST_SESSIONS = 30


class Track:
    """Fed with every instant. `calendar` is that of the first traded symbol."""

    def __init__(self, capital: float, calendar: str) -> None:
        self.capital = capital
        self.calendar = calendar
        self.points: deque[EquityPoint] = deque()
        self.equity = self.cash = self.peak = capital
        self.max_drawdown = 0.0
        self.trades = self.wins = 0
        self.gain = self.loss = self.pnl = self.commission = 0.0
        self.fills = self.bars = self.bars_in_position = 0
        self.last_ts = 0
        self.day_start = capital
        self._stride = 1
        self._session = -1
        self._at_end = capital
        self._n = 0
        self._mean = self._squares = self._losses = 0.0
        """Running moments of session returns (B. P. Welford, Technometrics 4 (1962) 419)."""
        self._counted: set[int] = set()

    def take(self, decisions: Decisions) -> None:
        session = int(session_of_one(decisions.ts, self.calendar))
        if session != self._session:
            if self._session >= 0:
                self._end_session()
            self._session, self.day_start = session, self.equity
        self.equity, self.cash, self.last_ts = decisions.equity, decisions.cash, decisions.ts
        self.peak = max(self.peak, self.equity)
        self.max_drawdown = max(self.max_drawdown, self.drawdown)
        self.bars += 1
        self.bars_in_position += bool(decisions.positions)
        self.fills += len(decisions.fills)
        self.commission += sum(fill.commission for fill in decisions.fills)
        for trade in decisions.trades:
            self.trades += 1
            self.pnl += trade.pnl
            self.wins += trade.pnl > 0
            self.gain += max(trade.pnl, 0.0)
            self.loss += max(-trade.pnl, 0.0)
        if self.bars % self._stride == 0:
            self._note()

    @property
    def drawdown(self) -> float:
        return 1.0 - self.equity / self.peak if self.peak > 0 else 1.0

    @property
    def pnl_day(self) -> float:
        return self.equity - self.day_start

    def figures(self) -> dict[str, Any]:
        """None where a figure is undefined."""
        a_year = sessions_per_year(self.calendar)
        enough = self._n >= LEAST_SESSIONS
        deviation = math.sqrt(self._squares / (self._n - 1)) if self._n > 1 else 0.0
        downside = math.sqrt(self._losses / self._n) if self._n else 0.0
        return {
            "total_return": self.equity / self.capital - 1.0,
            "final_equity": self.equity,
            "max_drawdown": self.max_drawdown,
            "sharpe": self._mean / deviation * math.sqrt(a_year) if enough and deviation else None,
            "sortino": self._mean / downside * math.sqrt(a_year) if enough and downside else None,
            "trades": self.trades,
            "win_rate": self.wins / self.trades if self.trades else None,
            "profit_factor": self.gain / self.loss if self.loss else None,
            "net_profit": self.equity - self.capital,
            "commission": self.commission,
            "fills": self.fills,
            "exposure": self.bars_in_position / self.bars if self.bars else None,
            "bars": self.bars,
            "sessions": self._n,
        }

    def _end_session(self) -> None:
        if self._at_end > 0:
            change = self.equity / self._at_end - 1.0
            self._n += 1
            step = change - self._mean
            self._mean += step / self._n
            self._squares += step * (change - self._mean)
            self._losses += min(change, 0.0) ** 2
        self._at_end = self.equity

    def _note(self) -> None:
        self.points.append(EquityPoint(self.last_ts, self.equity, self.drawdown))
        if len(self.points) > MOST_POINTS:
            # Half of them tell the same curve.
            self.points = deque(list(self.points)[1::2])
            self._stride *= 2


def session_of_one(ts: int, calendar: str) -> int:
    """The number of the session in which a bar closes."""
    if calendar == "24x7":
        return (ts - 1) // 86_400_000_000_000
    import numpy as np

    return int(session_of(np.array([ts], dtype=np.int64), calendar)[0])
