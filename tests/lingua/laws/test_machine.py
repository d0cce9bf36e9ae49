"""The machine that steps series equals walking them node by node, to the last bit, with formulas traced or not."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from laws import Case, described, same_bits, watched
from walked import walked_columns

from lingua.backends.clocks import Feeds
from lingua.backends.incremental import Stream
from lingua.backends.replay import arrivals, columns_on_own_clocks, facts_of
from lingua.indicators.memory import NotStorableError
from lingua.ir.nodes import BASE, Clock

SEEDS = range(1000, 1060)


def feeds_of(case: Case) -> Feeds:
    return Feeds(case.market.traded[0], case.market.data, case.market.finer)


def params_of(case: Case) -> dict[str, object]:
    return {param.name: param.value for param in case.program.params}


@pytest.mark.parametrize("group", range(6))
def test_the_machine_gives_what_walking_gives(group: int) -> None:
    for seed in SEEDS[group::6]:
        case = Case(seed, bars=150)
        if not case.compiled.ok:
            continue
        nodes = watched(case.program)
        machine, walked = (
            columns(nodes, params_of(case), feeds_of(case)) for columns in (columns_on_own_clocks, walked_columns)
        )
        for node in nodes:
            same = same_bits(machine[node.index], walked[node.index])
            assert same.all(), f"{seed}: {described(node)} at bar {int(np.argmin(same))}\n{case.maker.text}"


@pytest.mark.parametrize("group", range(4))
def test_a_stream_taken_up_again_goes_on_with_the_same_bits_traced_or_not(group: int) -> None:
    compared = 0
    for seed in SEEDS[group::4]:
        case = Case(seed, bars=120)
        if not case.compiled.ok:
            continue
        nodes, feeds = watched(case.program), feeds_of(case)
        sources = {"": facts_of(feeds.bars(BASE)), **{name: facts_of(feeds.bars(Clock(name))) for name in feeds.others}}
        is_traced = bool(seed % 2)
        first = Stream(nodes, params_of(case), sources, traces=is_traced)
        bars = list(arrivals(feeds, first))
        stop = random.Random(seed).randrange(len(bars))
        for source, timeframe, bar in bars[:stop]:
            first.push(source, bar, timeframe)
        try:
            told = json.dumps(first.snapshot(), allow_nan=False)
        except NotStorableError:
            continue  # TA-Lib's handles: such a stream is made again from its bars
        again = Stream(nodes, params_of(case), sources, traces=not is_traced)
        again.restore(json.loads(told))
        compared += 1
        for source, timeframe, bar in bars[stop:]:
            for stream in (first, again):
                stream.push(source, bar, timeframe)
            for node in nodes:
                a, b = first.value(node), again.value(node)
                assert a == b or (a != a and b != b), f"{seed}: {described(node)}"
                assert first.is_ready(node) == again.is_ready(node)
    assert compared > 5
