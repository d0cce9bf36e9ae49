"""Random plans over random bars, and everything a run says about them as one comparable text."""

from __future__ import annotations

import dataclasses
import random
import sys
from typing import Any

import numpy as np
from stage import HOUR, START, Stage, bars

from lingua.data.bars import Action, Bars
from lingua.trading import opcodes
from lingua.trading.execution import Execution
from lingua.trading.inputs import LegInput, LiveBar
from lingua.trading.instrument import Instrument
from lingua.trading.setup import build


def wild_bars(rng: random.Random, n: int, symbol: str, kind: str) -> Bars:
    tick = rng.choice([0.0, 0.01, 0.25, 1.0])
    terms = Instrument(
        symbol, kind=kind, multiplier=rng.choice([1.0, 1.0, 10.0]), tick=tick,  # type: ignore[arg-type]
        lot=rng.choice([0.0, 0.001, 1.0]), min_quantity=rng.choice([0.0, 0.01]), min_notional=rng.choice([0.0, 10.0]),
        fee_asset="base" if kind == "spot" and rng.random() < 0.5 else "quote",
        initial_margin=rng.choice([0.1, 0.5]) if kind in ("perp", "future") else 1.0,
        maintenance_margin=rng.choice([0.0, 0.05]) if kind in ("perp", "future") else 0.0,
        liquidation_fee=0.01 if kind == "perp" else 0.0, calendar=rng.choice(["24x7", "XNYS"]),
    )  # fmt: skip
    swing = rng.choice([0.003, 0.02, 0.08])
    price, rows = 100.0, []
    for _ in range(n):
        o = price * (1 + rng.gauss(0, swing / 3) if rng.random() < 0.4 else 1.0)
        c = o * (1 + rng.gauss(0, swing))
        h = max(o, c) * (1 + abs(rng.gauss(0, swing / 2)))
        low = min(o, c) * (1 - min(0.9, abs(rng.gauss(0, swing / 2))))
        row = [max(x, 0.5) for x in (o, h, low, c)]
        if tick:
            row = [max(tick, round(x / tick) * tick) for x in row]
        rows.append(row)
        price = row[3]
    for _ in range(rng.choice([0, 0, 3])):
        k = rng.randrange(n)
        rows[k] = [float("nan")] * 4
    volume = [rng.choice([0.0, 5.0, 50.0, 500.0, 500.0]) for _ in range(n)] if rng.random() < 0.4 else None
    if volume is not None and rng.random() < 0.4:  # not recorded at first, or never
        unknown = rng.randrange(n + 1)
        volume[:unknown] = [0.0] * unknown
    actions = []
    if kind == "stock" and rng.random() < 0.3:
        actions = [Action(START + HOUR * rng.randrange(n), rng.choice([1.0, 2.0, 0.5]), rng.choice([0.0, 0.4]))]
    return bars(
        rows, instrument=terms, volume=volume, actions=actions,
        synthetic=[rng.randrange(n)] if rng.random() < 0.2 else [],
    )  # fmt: skip


def wild_detail(rng: random.Random, series: Bars) -> Bars:
    """Finer bars whose extremes are those of the coarse bar, some bars left out."""
    rows, open_ts = [], []
    for k in range(len(series)):
        if rng.random() < 0.2 or np.isnan(series.close[k]):
            continue
        o, h, low, c = series.open[k], series.high[k], series.low[k], series.close[k]
        path = [o, h, low, c] if rng.random() < 0.5 else [o, low, h, c]
        steps = [(path[0], path[1]), (path[1], path[2]), (path[2], path[3]), (path[3], path[3])]
        for j, (a, b) in enumerate(steps):
            rows.append((a, max(a, b), min(a, b), b))
            open_ts.append(int(series.open_ts[k]) + j * HOUR // 4)
    table = np.array(rows).reshape(-1, 4)
    fine = bars(table.tolist(), instrument=series.instrument, timeframe="15m")
    stamps = np.array(open_ts, dtype=np.int64)
    return dataclasses.replace(fine, open_ts=stamps, ts=stamps + HOUR // 4)


class Wild:
    """One random case: `build()` gives a fresh run."""

    def __init__(self, seed: int, n: int = 120) -> None:
        rng = random.Random(seed)
        self.rng, self.n = rng, n
        kind = rng.choice(["spot", "stock", "perp", "future"])
        self.series = [wild_bars(rng, n, "A", kind)]
        if rng.random() < 0.3:
            self.series.append(wild_bars(rng, n, "B", rng.choice(["spot", "stock", "perp"])))
        self.legs = []
        if rng.random() < 0.3:
            self.legs = [LegInput("leg", wild_bars(rng, n, "L", rng.choice(["stock", "perp"])))]
        self.detail = wild_detail(rng, self.series[0]) if rng.random() < 0.2 else None
        self.stage = Stage(n, legs=len(self.legs))
        self.program: dict[str, Any] = {"direction": rng.choice(["both", "both", "long", "short"])}
        self._rules()
        self.execution = self._execution()
        self.ready = rng.choice([0, 0, 5])
        self.settled = rng.choice([0, 20])
        # A program with memory that the rules do not read, which snapshots must keep all the same.
        self.temporaries = 8 if rng.random() < 0.3 else 0
        self.plan = self.stage.program(**self.program)

    def column(self, base: float, spread: float) -> Any:
        values = [base * (1 + self.rng.uniform(-spread, spread)) for _ in range(self.n)]
        if self.rng.random() < 0.1:
            values[self.rng.randrange(self.n)] = float("nan")
        return values

    def level(self, side: float) -> Any:
        """A price near the close, on the side asked for."""
        close = np.nan_to_num(self.series[0].close, nan=100.0)
        return (close * (1 + side * self.rng.choice([0.0, 0.002, 0.01, 0.05]))).tolist()

    def exits(self, side: float) -> list[Any]:
        rng, stage, out = self.rng, self.stage, []
        if rng.random() < 0.7:
            form = rng.choice(["price", "ratio", "level"])
            x: Any = {"price": 2.0, "ratio": 0.03}.get(form) or self.level(-side * rng.choice([1, 1, 1, -1]))
            out.append(stage.exit("stop", form, x, from_last=rng.random() < 0.2))
            if rng.random() < 0.5:
                closing = rng.choice([None, 0.5])
                out.append(stage.exit("target", "r", rng.choice([1.0, 2.0]), closing=closing))
            if rng.random() < 0.3:
                out.append(stage.exit("target", "r", 3.0, closing=rng.choice([None, 0.5])))
            if rng.random() < 0.3:
                out.append(stage.exit("stop", "level", stage.account("entry"), after=("r", 1.0)))
        if rng.random() < 0.3:
            after = ("price", 1.0) if rng.random() < 0.5 else None
            x = 3.0 if rng.random() < 0.5 else self.column(3.0, 0.5)
            out.append(stage.exit("trail", "price", x, after=after, fixed=rng.random() < 0.3))
        if rng.random() < 0.3:
            out.append(stage.exit("expire", bars=rng.choice([1, 4, 9])))
        elif rng.random() < 0.2:
            out.append(stage.exit("expire", seconds=rng.choice([7200.0, 86400.0])))
        return out

    def order(self, side: float) -> dict[str, Any]:
        rng = self.rng
        kind = rng.choice(["market"] * 4 + ["limit", "limit", "stop", "stop_limit", "open", "auction", "twap", "vwap"])
        out: dict[str, Any] = {"order": kind}
        if kind in ("limit", "stop_limit"):
            out["limit"] = self.level(-side if kind == "limit" else side * rng.choice([1, 1, 0.5]))
        if kind in ("stop", "stop_limit"):
            out["stop"] = self.level(side)
        life = rng.choice(["", "bars", "seconds", "gtc", "days"])
        if life == "bars":
            out["life"] = rng.choice([2, 5])
        elif life == "seconds":
            out["seconds"] = 3 * 3600.0
        elif life == "days":
            out["seconds"] = 86400.0
        elif life == "gtc":
            out["gtc"] = True
        return out

    def amount(self) -> Any:
        rng = self.rng
        return rng.choice(
            [None, ("qty", 3.5), ("qty", self.column(2.0, 1.5)), ("money", 900.0), ("equity", 0.3), ("cash", 0.5),
             ("allocation", 0.4), ("equity", 1.5), ("qty", -1.0)]
        )  # fmt: skip

    def when(self) -> list[Any]:
        rng = self.rng
        out: list[Any] = [k for k in range(self.n) if rng.random() < rng.choice([0.05, 0.2, 0.5])]
        return [*out, ("?", rng.randrange(self.n))]

    def _rules(self) -> None:
        rng, stage = self.rng, self.stage
        for k in range(rng.randint(2, 6)):
            what = rng.choice(["in", "in", "in", "out", "target", "pair", "either", "cancel"])
            on = "leg" if self.legs and rng.random() < 0.3 else ""
            verb = rng.choice(["buy", "buy", "short"])
            side = 1.0 if verb == "buy" else -1.0
            exits = self.exits(side)
            amount = self.amount()
            if exits and exits[0].kind == "stop" and rng.random() < 0.4:
                amount = ("risk", 0.01) if rng.random() < 0.7 else ("risk_money", 60.0)
            once = rng.random() < 0.15
            tick = [j for j in range(self.n) if j % 4 == 0] if rng.random() < 0.15 else None
            if what == "in":
                action = stage.act(verb, amount, on=on, exits=exits, tag=f"t{k}", **self.order(side))
                stage.rule(f"r{k}", self.when(), action, once=once, tick=tick)
            elif what == "out":
                out = rng.choice(["sell", "cover", "close", "close"])
                part = rng.choice([None, None, ("position", 0.5), ("qty", 1.0), ("position", self.column(0.4, 0.9))])
                order = {} if rng.random() < 0.6 else self.order(-1.0)
                stage.rule(f"r{k}", self.when(), stage.act(out, part, on=on, **order), once=once, tick=tick)
            elif what == "target":
                w = [rng.choice([0.4, 0.41, 0.1, 0.0, -0.3, float("nan")]) for _ in range(self.n)]
                otherwise = [stage.act("close")] if rng.random() < 0.3 else []
                stage.rule(f"r{k}", self.when(), stage.act("target", ("equity", w), on=on, exits=exits),
                           otherwise=otherwise)  # fmt: skip
            elif what == "pair":
                far = "leg" if self.legs else ""
                stage.rule(f"r{k}", self.when(), stage.act(verb, ("equity", 0.2)),
                           stage.act("short" if verb == "buy" else "buy", ("equity", 0.2), on=far))  # fmt: skip
            elif what == "either":
                stage.rule(
                    f"r{k}", self.when(),
                    stage.act(verb, amount, order="limit", limit=self.level(-side), life=3, exits=exits),
                    stage.act(verb, amount, order="stop", stop=self.level(side), life=3, exits=exits), join="|",
                )  # fmt: skip
            else:
                stage.rule(f"r{k}", self.when(), stage.act("cancel", cancels="r0" if rng.random() < 0.5 else ""))
        if rng.random() < 0.2:
            stage.filter("open", [j for j in range(self.n) if rng.random() < 0.8])
        if rng.random() < 0.3:
            self.program["pyramid"] = (rng.randint(2, 4), "price", 0.5)
        for name, value, unit, per in [
            ("max_drawdown", 0.1, "ratio", ""), ("daily_loss", 0.02, "ratio", ""), ("max_orders", 3.0, "count", "day"),
            ("max_exposure", 0.6, "ratio", ""), ("max_weight", 0.5, "ratio", ""), ("max_open", 2.0, "count", ""),
            ("max_open_risk", 0.02, "ratio", ""), ("max_turnover", 2.0, "ratio", "week"),
            ("max_holding", 6.0, "bars", ""), ("cooldown", 3.0, "bars", ""),
        ]:  # fmt: skip
            if rng.random() < 0.08:
                effect = rng.choice(["limit", "halt", "flatten"]) if "loss" in name or "draw" in name else "limit"
                lasting = rng.choice([None, ("sessions", 1.0), ("bars", 5.0)]) if effect != "limit" else None
                stage.limit(name, value, unit, per=per, effect=effect, lasting=lasting)

    def _execution(self) -> Execution:
        rng = self.rng

        def some(value: Any, otherwise: Any, p: float) -> Any:
            return value if rng.random() < p else otherwise

        return Execution(
            slippage=some(0.0005, 0.0, 0.3), slippage_ticks=some(1.0, 0.0, 0.2),
            slippage_volume_share=some(0.1, 0.0, 0.1), commission=some(0.001, 0.0, 0.5),
            commission_maker=some(0.0002, None, 0.3), commission_per_order=some(0.5, 0.0, 0.2),
            commission_per_unit=some(0.01, 0.0, 0.2), commission_minimum=some(1.0, 0.0, 0.2),
            commission_maximum=some(2.0, None, 0.2), commission_maximum_share=some(0.001, None, 0.2),
            commission_tiers=some(((0.0, 0.001), (5000.0, 0.0005)), (), 0.1), latency_bars=some(1, 0, 0.1),
            latency_s=some(5400.0, 0.0, 0.1), fill_share=some(0.1, 0.0, 0.15),
            limit_fill=rng.choice(["through", "touch"]), funding=some(0.0001, 0.0, 0.2),
            borrow=some(0.05, 0.0, 0.2), interest=some(0.02, 0.0, 0.1), cash_buffer=rng.choice([None, 0.0, 0.02]),
            size_at=some("fill", "decision", 0.2), stops_from=some("next_bar", "fill", 0.15),
            intrabar=some("favourable", "adverse", 0.15), whole_units=rng.random() < 0.1,
            on_broken=some("unwind", "complete", 0.3), leg_timeout_s=some(10_800.0, 10.0, 0.4),
        )  # fmt: skip

    def inputs(self, upto: int | None = None, changed_from: int | None = None) -> list[Any]:
        out = []
        for k, series in enumerate(self.series):
            cut = self.cut(series, upto, changed_from)
            code = None
            if self.temporaries:
                base = len(opcodes.ACCOUNT) + len(opcodes.LEG) * len(self.legs)
                t = base + len(self.stage.constants) + len(self.stage.columns)
                code = np.array(
                    [(opcodes.HISTORY, t, 3, t + 1, 0, 2), (opcodes.ADD, t + 4, t, 0, 0, 0),
                     (opcodes.HIGHEST_SINCE_ENTRY, t + 5, 3, t + 6, 0, 0)], dtype=np.int32
                )  # fmt: skip
            detail = self.detail if k == 0 else None
            end = upto if changed_from is None else changed_from
            if detail is not None and end is not None:
                keep = detail.ts <= series.ts[end - 1]
                detail = self.mask(detail, keep)
            out.append(
                self.stage.symbol(cut, ready=self.ready, settled=self.settled, detail=detail, code=code,
                                  temporaries=self.temporaries)
            )  # fmt: skip
        return out

    def mask(self, series: Bars, keep: Any) -> Bars:
        names = ("ts", "open_ts", "open", "high", "low", "close", "volume")
        synthetic = None if series.is_synthetic is None else series.is_synthetic[keep]
        columns = {name: np.ascontiguousarray(getattr(series, name)[keep]) for name in names}
        return dataclasses.replace(series, is_synthetic=synthetic, **columns)

    def cut(self, series: Bars, upto: int | None, changed_from: int | None = None) -> Bars:
        if changed_from is not None:
            # Another future: prices from that bar on are a third higher.
            factor = np.where(np.arange(len(series)) < changed_from, 1.0, 1.33)
            names = ("open", "high", "low", "close")
            series = dataclasses.replace(series, **{name: getattr(series, name) * factor for name in names})
        if upto is None:
            return series
        keep = np.arange(len(series)) < upto
        return self.mask(series, keep)

    def build(self, *, upto: int | None = None, changed_from: int | None = None, skips: bool = True) -> Any:
        legs = [dataclasses.replace(leg, bars=self.cut(leg.bars, upto, changed_from)) for leg in self.legs]
        return build(
            self.plan, self.stage.slot_of, self.inputs(upto, changed_from), legs, self.execution, 10_000.0,
            skips_quiet_bars=skips,
        )  # fmt: skip

    def go_live(self, run: Any, start: int) -> Any:
        """Bar after bar from `start` on; the ledger at the end."""
        for k in range(start, self.n):
            if run.machine.is_ruined:
                break
            run.advance(int(self.series[0].ts[k]), self.live_bars(k))
        return run.ledger()

    def live_bars(self, k: int) -> dict[int, LiveBar]:
        out = {}
        given = self.inputs()
        everything = [*given, *self.legs]
        for number, item in enumerate(everything):
            b = item.bars
            detail = ()
            fine = item.detail
            if fine is not None:
                inside = (fine.open_ts >= b.open_ts[k]) & (fine.ts <= b.ts[k])
                detail = tuple(
                    (int(fine.open_ts[j]), int(fine.ts[j]), float(fine.open[j]), float(fine.high[j]),
                     float(fine.low[j]), float(fine.close[j]), float(fine.volume[j]))
                    for j in np.flatnonzero(inside)
                )  # fmt: skip
            columns = np.ascontiguousarray(item.columns[:, k]) if number < len(given) else None
            out[number] = LiveBar(
                int(b.open_ts[k]), int(b.ts[k]), float(b.open[k]), float(b.high[k]), float(b.low[k]),
                float(b.close[k]), float(b.volume[k]), columns, None,
                bool(b.is_synthetic[k]) if b.is_synthetic is not None else False,
                int(self.gap(b)[k]), detail,
            )  # fmt: skip
        return out

    @staticmethod
    def gap(series: Bars) -> Any:
        out, count = [], 0
        for x in series.close:
            count = count + 1 if np.isnan(x) else 0
            out.append(count)
        return out


def told(ledger: Any, upto: int | None = None) -> str:
    """Every number of a ledger to the last bit (or only what happened in the first bars)."""
    lines = []
    for fill in ledger.fills:
        if upto is None or fill.bar < upto:
            lines.append(repr(tuple(fill)))
    for event in ledger.events:
        if upto is None or event.bar < upto:
            lines.append(repr(tuple(event)))
    clock = np.asarray(ledger.clock)
    n = len(clock) if upto is None else upto
    lines += [np.asarray(x)[:n].tobytes().hex() for x in (clock, ledger.equity, ledger.cash, ledger.exposure)]
    if upto is None:
        lines += [repr(trade) for trade in ledger.trades]
        lines += [repr(ledger.costs), repr(ledger.counts), repr(ledger.halted_at), repr(ledger.ruined_at)]
        lines += [np.asarray(p).tobytes().hex() for p in ledger.positions]
        lines += [repr(ledger.fired)]
    return "\n".join(lines)


if __name__ == "__main__":
    import hashlib

    first, last = int(sys.argv[1]), int(sys.argv[2])
    from lingua.trading.setup import COMPILED

    print("compiled" if COMPILED else "interpreted")
    for number in range(first, last):
        wild = Wild(number)
        texts = [told(wild.build().run())]
        if number % 5 == 0:
            live = wild.build(upto=7)
            live.run()
            texts += told(wild.go_live(live, 7)).split()
            texts.append(repr(live.snapshot()))
        print(number, hashlib.sha256("".join(texts).encode()).hexdigest())
