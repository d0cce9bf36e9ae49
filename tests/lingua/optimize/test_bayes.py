"""Bayesian search: repeatable, resumable, and guided by trainings alone."""

import json
import sys

import pytest

from lingua.optimize.search import LocalThreads, search
from lingua.optimize.storage import Storage


def test_without_optuna_the_message_says_what_to_install(task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"pip install 'lingua-trading\[optimize\]'"):
        search(task, method="bayes")


@pytest.fixture(autouse=True)
def _needs_optuna(request: pytest.FixtureRequest) -> None:
    if "without_optuna" not in request.node.name:
        pytest.importorskip("optuna", reason="Optuna is not installed: pip install 'lingua-trading[optimize]'")


WIDE = """strategy Cross {
  trade SYM @ 1d
  param fast = 5 in 2..20
  param slow = 20 in 10..40
  param stop = 5% in 1%..10%
  require fast + 4 < slow
  rule enter: ema(close, fast) crosses above ema(close, slow) => buy 90% with stop stop
  rule leave: ema(close, fast) crosses below ema(close, slow) => sell
}
"""


def numbers(outcome) -> str:
    return json.dumps(outcome.to_dict(), sort_keys=True)


def test_the_same_seed_gives_the_same_bits_on_any_number_of_threads(made_task) -> None:
    task = made_task(WIDE)
    first = search(task, method="bayes", trials=24, seed=5)
    assert numbers(first) == numbers(search(made_task(WIDE), method="bayes", trials=24, seed=5))
    assert numbers(first) == numbers(search(task, method="bayes", trials=24, seed=5, workers=LocalThreads(2)))
    assert numbers(first) != numbers(search(task, method="bayes", trials=24, seed=6))
    assert all(record.values["fast"] + 4 < record.values["slow"] for record in first.records)
    assert len(first.records) == 24


def test_a_fold_chooses_from_its_own_proposals_only(made_task) -> None:
    outcome = search(made_task(WIDE), method="bayes", trials=24, seed=1)
    assert outcome.candidates is not None
    for each, own in zip(outcome.folds, outcome.candidates, strict=False):
        assert each.chosen in own
    assert set().union(*outcome.candidates) == set(range(24))


def test_what_happens_in_a_test_does_not_guide_its_fold(made_task, made_bars) -> None:
    import numpy as np

    bars = made_bars()
    folds = "rolling(train: 250d, test: 100d, purge: 40)"
    one = made_task(WIDE, bars=bars, folds=folds)
    last = len(bars) - (one.sessions - one.folds[0].test[0][0]) + 1
    factor = np.where(np.arange(len(bars)) > last, 1.7, 1.0)
    other = made_task(
        WIDE, bars=bars.with_columns(*(bars[name] * factor for name in ("open", "high", "low", "close"))), folds=folds
    )
    a, b = (search(each, method="bayes", trials=30, seed=2) for each in (one, other))
    proposed = [[outcome.records[k].values for k in outcome.candidates[0]] for outcome in (a, b)]
    count = min(len(each) for each in proposed)
    assert count >= 8
    assert proposed[0][:count] == proposed[1][:count]


def test_an_interrupted_search_proposes_the_same_again(made_task, tmp_path) -> None:
    class Interrupted(Exception):
        pass

    def stop(progress) -> None:
        if progress.done >= 11:
            raise Interrupted

    task = made_task(WIDE)
    whole = search(task, method="bayes", trials=20, seed=3)
    storage = Storage(tmp_path / "trials.sqlite")
    with pytest.raises(Interrupted):
        search(task, method="bayes", trials=20, seed=3, storage=storage, tell=stop)
    resumed = search(task, method="bayes", trials=20, seed=3, storage=storage)
    assert numbers(resumed) == numbers(whole)
    storage.close()


def test_several_objectives_make_a_front(made_task) -> None:
    outcome = search(made_task(WIDE, objectives=("sharpe", "max_drawdown")), method="bayes", trials=20, seed=3)
    assert 1 <= len(outcome.front) <= 20


def test_it_learns_where_to_look(made_task) -> None:
    # The number of trades is a smooth slope over the space; most of it has fewer than half of the most.
    task = made_task(WIDE, objectives=("trades",), folds="1")
    found = [float(score) for score in search(task, method="bayes", trials=60, seed=1).scores()]
    drawn = [float(score) for score in search(task, method="random", trials=60, seed=1).scores()]
    assert sum(found[30:]) / 30 > 1.2 * sum(drawn) / 60
    assert max(found) >= 0.9 * max(drawn)
