"""A failing case as one JSON file: the program, the bars it failed on, and the law that did not hold."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from laws import Case

from lingua.data.bars import Action, Bars
from lingua.data.market import Market
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

FLOATS = ("open", "high", "low", "close", "volume")
STAMPS = ("ts", "open_ts")


def save(path: Path, case: Case, kind: str) -> None:
    """`kind` says which law failed and how, for whoever reads the file."""
    market = case.market
    told = {
        "kind": kind,
        "seed": case.seed,
        "text": (case.text or case.maker.text).splitlines(),
        "traded": [_plain(bars) for bars in market.traded],
        "data": {alias: _plain(bars) for alias, bars in market.data.items()},
        "finer": [_plain(bars) for bars in market.finer.values()],
    }
    path.write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", "utf-8")


def load(path: Path) -> Case:
    """The case of a file that `save` wrote."""
    told = json.loads(path.read_text("utf-8"))
    traded = tuple(_bars(each) for each in told["traded"])
    case = Case(int(told["seed"]), max(len(bars) for bars in traded), "\n".join(told["text"]) + "\n")
    finer = [_bars(each) for each in told["finer"]]
    case.market = Market(
        traded,
        {alias: _bars(each) for alias, each in told["data"].items()},
        {(bars.symbol, str(bars.timeframe)): bars for bars in finer},
    )
    return case


def _plain(bars: Bars) -> dict[str, Any]:
    return {
        "timeframe": str(bars.timeframe),
        "instrument": asdict(bars.instrument),
        "actions": [asdict(action) for action in bars.actions],
        "synthetic": None if bars.is_synthetic is None else np.flatnonzero(bars.is_synthetic).tolist(),
        "factor": None if bars.factor is None else bars.factor.tolist(),
        **{name: getattr(bars, name).tolist() for name in STAMPS},
        **{name: [None if value != value else value for value in getattr(bars, name).tolist()] for name in FLOATS},
    }


def _bars(told: dict[str, Any]) -> Bars:
    stamps = {name: np.array(told[name], dtype=np.int64) for name in STAMPS}
    prices = {name: np.array([np.nan if v is None else v for v in told[name]], dtype=np.float64) for name in FLOATS}
    instrument = Instrument(**told["instrument"])
    invented = None
    if told["synthetic"] is not None:
        invented = np.zeros(len(stamps["ts"]), dtype=np.bool_)
        invented[told["synthetic"]] = True
    return Bars(
        instrument.symbol, Timeframe.parse(told["timeframe"]), **stamps, **prices, instrument=instrument,
        is_synthetic=invented, actions=tuple(Action(**action) for action in told["actions"]),
        factor=None if told["factor"] is None else np.array(told["factor"]),
    )  # fmt: skip
