"""W1, W2 and W3 in other libraries, each as its own users write it. Imports nothing of Lingua.

    python tests/benchmarks/rivals.py vectorbt W1 100000

prints one JSON object: `timed`, or `missing` with the reason.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

from workloads import CAPITAL, FEE, bars, pairs, timed

Call = Callable[[], Any]


def frame(given: dict[str, Any]) -> Any:
    import pandas as pd

    names = ("open", "high", "low", "close", "volume")
    columns = {name.capitalize(): given[name] for name in names}
    return pd.DataFrame(columns, index=pd.to_datetime(given["time"], unit="s"))


def vectorbt(work: str, size: int) -> Call:
    """Signals moved by a bar and filled at the open: the next open, all in."""
    import vectorbt as vbt

    vbt.settings.array_wrapper["freq"] = "1min"
    data = frame(bars(size))
    close, opened = data["Close"], data["Open"]
    orders: dict[str, Any] = {"price": opened, "fees": FEE, "init_cash": CAPITAL}
    average = vbt.talib("EMA")

    def told(enters: Any, leaves: Any, **more: Any) -> Any:
        portfolio = vbt.Portfolio.from_signals(
            close, enters.vbt.signals.fshift(1), leaves.vbt.signals.fshift(1), **orders, **more
        )
        return portfolio.value(), portfolio.sharpe_ratio()

    def w1() -> Any:
        fast, slow = average.run(close, 12).real, average.run(close, 26).real
        return told(fast.vbt.crossed_above(slow), fast.vbt.crossed_below(slow))

    def w2() -> Any:
        strength = vbt.talib("RSI").run(close, 14).real
        inside = {"open": opened, "high": data["High"], "low": data["Low"]}
        return told(strength < 30, strength > 70, sl_stop=0.02, tp_stop=0.04, stop_entry_price="fillprice", **inside)

    def w3() -> Any:
        """In pieces of 50 pairs, whose matrices still fit into memory."""
        found = []
        wanted = pairs()
        for first in range(0, len(wanted), 50):
            part = wanted[first : first + 50]
            fast = vbt.MA.run(close, [pair[0] for pair in part], ewm=True, short_name="fast")
            slow = vbt.MA.run(close, [pair[1] for pair in part], ewm=True, short_name="slow")
            found.append(told(fast.ma_crossed_above(slow), fast.ma_crossed_below(slow))[1])
        return found

    return {"W1": w1, "W2": w2, "W3": w3}[work]


def backtesting_py(work: str, size: int) -> Call:
    """Whole units only, so with a million times the capital."""
    import backtesting
    import talib
    from backtesting.lib import crossover

    backtesting.backtesting._tqdm = lambda sequence, **_: sequence

    class Crossing(backtesting.Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.fast = self.I(talib.EMA, self.data.Close, 12)
            self.slow = self.I(talib.EMA, self.data.Close, 26)

        def next(self) -> None:
            if not self.position:
                if crossover(self.fast, self.slow):
                    self.buy()
            elif crossover(self.slow, self.fast):
                self.position.close()

    class Reversion(backtesting.Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.strength = self.I(talib.RSI, self.data.Close, 14)

        def next(self) -> None:
            price = self.data.Close[-1]
            if not self.position:
                if self.strength[-1] < 30:
                    self.buy(sl=price * 0.98, tp=price * 1.04)
            elif self.strength[-1] > 70:
                self.position.close()

    data = frame(bars(size))
    strategy = {"W1": Crossing, "W2": Reversion}[work]
    return lambda: backtesting.Backtest(data, strategy, cash=CAPITAL * 1e6, commission=FEE).run()


def polars(work: str, size: int) -> Call:
    """W1 as one expression: entries and exits alternate, so returns follow from where a position is held."""
    import numpy as np
    import polars as pl

    if work != "W1":
        raise NotImplementedError("a stop that depends on the entry is no expression")
    data = pl.DataFrame({name: column for name, column in bars(size).items() if name != "time"})
    fast = pl.col("close").ewm_mean(span=12, adjust=False, min_samples=12)
    slow = pl.col("close").ewm_mean(span=26, adjust=False, min_samples=26)

    def w1() -> Any:
        held = (fast > slow).shift(1).fill_null(False)
        made = data.select("open", "close", held=held).with_columns(before=pl.col("held").shift(1).fill_null(False))
        return made.with_columns(
            change=pl.when(pl.col("held") & ~pl.col("before")).then(pl.col("close") / (pl.col("open") * (1.0 + FEE)))
            .when(pl.col("before") & ~pl.col("held"))
            .then(pl.col("open") * (1.0 - FEE) / pl.col("close").shift(1))
            .when(pl.col("held")).then(pl.col("close") / pl.col("close").shift(1)).otherwise(1.0)
        ).select(
            (pl.col("change").cum_prod() * CAPITAL).alias("equity"),
            ((pl.col("change").mean() - 1.0) / pl.col("change").std() * np.sqrt(525_600.0)).alias("sharpe"),
        )  # fmt: skip

    return w1


RIVALS: dict[str, Callable[[str, int], Call]] = {
    "vectorbt": vectorbt, "backtesting.py": backtesting_py, "polars": polars,
}  # fmt: skip


def main() -> dict[str, Any]:
    warnings.filterwarnings("ignore")
    name, work, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    try:
        call = RIVALS[name](work, size)
    except ImportError as problem:
        return {"missing": f"not installed: {problem.name}"}
    except (KeyError, NotImplementedError) as problem:
        return {"missing": f"not written for it: {problem}"}
    return timed(call, least=1, most=11)


if __name__ == "__main__":
    print(json.dumps(main()))
