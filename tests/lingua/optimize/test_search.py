"""A search gives the same answer however it is run, counts every trial, and ranks nothing that cannot be ranked."""

import itertools
import json
import math
import pickle

import numpy as np
import pytest

import lingua
from lingua.optimize.search import LocalThreads, search
from lingua.optimize.storage import Storage, StorageError


def numbers(outcome) -> str:
    return json.dumps(outcome.to_dict(), sort_keys=True)


class Interrupted(Exception):
    pass


def stop_after(count: int):
    """A progress teller that interrupts a search after so many trials."""

    def tell(progress) -> None:
        if progress.done >= count:
            raise Interrupted

    return tell


def test_a_grid_holds_every_combination_that_keeps_the_requirement(task) -> None:
    outcome = search(task)
    tried = [(record.values["fast"], record.values["slow"]) for record in outcome.records]
    assert outcome.method == "grid"
    assert tried == [(f, s) for f, s in itertools.product((3, 5, 7, 9), (10, 20, 30)) if f < s]


@pytest.mark.parametrize("method", ["grid", "random"])
def test_the_same_search_gives_the_same_bits_twice(made_task, method: str) -> None:
    first = search(made_task(), method=method, trials=20, seed=7)
    second = search(made_task(), method=method, trials=20, seed=7)
    assert numbers(first) == numbers(second)
    assert all(a.returns.tobytes() == b.returns.tobytes() for a, b in zip(first.records, second.records, strict=True))


def test_threads_change_nothing(task) -> None:
    assert numbers(search(task, workers=LocalThreads(3))) == numbers(search(task))


def test_another_seed_draws_others(task) -> None:
    first = [record.key for record in search(task, method="random", trials=5, seed=1).records]
    second = [record.key for record in search(task, method="random", trials=5, seed=2).records]
    assert len(set(first)) == len(set(second)) == 5
    assert first != second


def test_an_interrupted_search_goes_on_where_it_stopped(task, tmp_path) -> None:
    whole = search(task, method="random", trials=9, seed=3)
    storage = Storage(tmp_path / "trials.sqlite")
    with pytest.raises(Interrupted):
        search(task, method="random", trials=9, seed=3, storage=storage, tell=stop_after(4))
    kept = len(storage.known(task))
    assert 3 <= kept < 9
    storage.close()
    again = Storage(tmp_path / "trials.sqlite")
    judged = []

    class Counting(LocalThreads):
        def judge(self, task, combinations):
            judged.extend(combinations)
            yield from super().judge(task, combinations)

    resumed = search(task, method="random", trials=9, seed=3, storage=again, workers=Counting())
    assert len(judged) == 9 - kept
    assert numbers(resumed) == numbers(whole)
    again.close()


def test_all_trials_of_a_lineage_are_counted(task, tmp_path) -> None:
    with_storage = Storage(tmp_path / "trials.sqlite")
    first = search(task, method="random", trials=4, seed=1, storage=with_storage)
    second = search(task, method="random", trials=4, seed=2, storage=with_storage)
    both = {record.key for record in (*first.records, *second.records)}
    assert first.tried == 4
    assert second.tried == len(both) > 4
    assert second.luck > 0
    with_storage.close()


def test_the_expected_luck_grows_with_the_trials(task) -> None:
    outcome = search(task)
    few, many = outcome.deflated_sharpe, outcome
    many = type(outcome)(task, outcome.records, method="grid", seed=0, tried=100_000)
    assert many.luck > outcome.luck
    assert many.deflated_sharpe < few


def test_every_combination_begins_on_the_same_bar(task) -> None:
    starts = {task.run(values).start for values in task.space.grid()}
    assert starts == {30}  # the look-back of ema(close, 30), and the bar before it for the crossing
    lengths = {len(task.judge(values).returns) for values in task.space.grid()}
    assert lengths == {task.sessions}


def test_a_fold_chooses_by_its_training_alone(task) -> None:
    outcome = search(task)
    for number, each in enumerate(outcome.folds):
        train = [float(record.train[number, 0]) for record in outcome.records]
        assert each.train == max(train)
        assert each.chosen == train.index(max(train))
        assert each.test == float(outcome.records[each.chosen].test[number, 0])


def test_bars_of_the_test_do_not_reach_the_training(made_task, made_bars) -> None:
    # Other prices after the last training change neither its figures nor what it chooses.
    bars = made_bars()
    one = made_task(bars=bars, folds="rolling(train: 200d, test: 100d)")
    begin = int(one.ends[one.folds[0].test[0][0]] // 86_400_000_000_000) - 16_436  # days since 2015-01-01
    factor = np.where(np.arange(len(bars)) > begin + 1, 1.5, 1.0)
    other = made_task(
        bars=bars.with_columns(*(bars[name] * factor for name in ("open", "high", "low", "close"))),
        folds="rolling(train: 200d, test: 100d)",
    )
    assert one.fingerprint != other.fingerprint
    a, b = search(one), search(other)
    assert [r.train[0, 0] for r in a.records] == [r.train[0, 0] for r in b.records]
    assert a.folds[0].chosen == b.folds[0].chosen


def test_the_purge_is_the_look_back_and_the_holding_limit(made_task, program) -> None:
    limited = program.replace("}\n", "  risk { max_holding 12 bars => flatten }\n}\n")
    assert made_task().purge == 30
    assert made_task(limited).purge == 30 + 12


def test_stitched_tests_are_the_returns_of_what_was_chosen(task) -> None:
    outcome = search(task)
    wanted = np.concatenate([outcome.records[f.chosen].returns[a:b] for f in outcome.folds for a, b in f.fold.test])
    assert outcome.stitched.returns.tobytes() == wanted.tobytes()
    assert outcome.stitched.total_return == pytest.approx(np.prod(1 + wanted) - 1)


def test_each_path_of_combinatorial_folds_is_a_whole_history(made_task) -> None:
    outcome = search(made_task(folds="cpcv(n: 6, k: 2, purge: 5)"))
    assert len(outcome.paths) == 5
    assert {len(path.returns) for path in outcome.paths} == {outcome.task.sessions}


def test_a_front_holds_what_no_other_beats_in_everything(made_task) -> None:
    outcome = search(made_task(objectives=("total_return", "max_drawdown")))
    points = {k: (outcome.scores(0)[k], outcome.scores(1)[k]) for k in range(len(outcome.records))}
    for k in points:
        beaten = any(
            o != k and points[o][0] >= points[k][0] and points[o][1] >= points[k][1] and points[o] != points[k]
            for o in points
        )
        assert (k in outcome.front) == (not beaten)


def test_structural_parameters_are_searched_too(made_task) -> None:
    text = """strategy S {
      trade SYM @ 1d
      param ma = ema in {ema, sma, wma}
      param n = 20 in 10..20 step 10
      rule enter: close crosses above ma(close, n) => buy 50% with stop 10%
      rule leave: close crosses below ma(close, n) => sell
    }"""
    outcome = search(made_task(text))
    assert [tuple(r.values.values()) for r in outcome.records] == list(
        itertools.product(("ema", "sma", "wma"), (10, 20))
    )
    assert len({float(r.overall[0]) for r in outcome.records}) == 6
    own = lingua.compile(text, set={"ma": "sma", "n": 10}).backtest({"SYM": outcome.task.market.traded[0]})
    assert outcome.records[2].figures["trades"] == pytest.approx(own.metrics["trades"], abs=2)


def test_a_record_is_what_a_backtest_from_the_common_start_gives(task) -> None:
    values = {"fast": 5, "slow": 30}
    record = task.judge(values)
    run = lingua.compile(task.compiled.source.text, set=values).backtest({"SYM": task.market.traded[0]})
    # With the longest look-back the common start is this run's own.
    assert record.figures["final_equity"] == run.metrics["final_equity"]
    assert record.figures["sharpe"] == run.metrics["sharpe"]


def test_a_task_can_be_sent_to_another_process(task) -> None:
    again = pickle.loads(pickle.dumps(task))
    assert again.fingerprint == task.fingerprint
    values = {"fast": 3, "slow": 10}
    assert again.judge(values).to_row() == task.judge(values).to_row()


@pytest.mark.parametrize(
    ("objective", "folds", "code"),
    [
        ("sharpe", "walk_forward(train: 100d, test: 10d)", "L0896"),
        ("sharpe", "rolling(train: 20d, test: 50d)", "L0896"),
        ("sharpe / (trades - trades)", "3", "L0896"),
        ("sharpe", "walk_forward(train: 900d, test: 50d)", "L0897"),
    ],
)
def test_nothing_is_ranked_by_what_is_undefined(made_task, objective: str, folds: str, code: str) -> None:
    with pytest.raises(lingua.CompileError) as refused:
        search(made_task(objectives=(objective,), folds=folds))
    assert [problem.code.number for problem in refused.value.problems] == [code]


def test_a_fold_without_a_defined_training_chooses_nothing(made_task, made_bars) -> None:
    # A flat market first: no trade, no Sharpe ratio in the first training.
    bars = made_bars(700)
    flat = np.arange(700) < 260
    bars = bars.with_columns(**{
        name: np.where(flat, 100.0, bars[name].to_numpy() / bars["open"][260] * 100.0)
        for name in ("open", "high", "low", "close")
    })  # fmt: skip
    outcome = search(made_task(bars=bars, folds="rolling(train: 150d, test: 100d)"))
    assert outcome.folds[0].chosen is None
    assert math.isnan(outcome.folds[0].test)
    assert any(each.chosen is not None for each in outcome.folds)
    first = outcome.folds[0].fold.test[0]
    assert not outcome.stitched.returns[: first[1] - first[0]].any()  # it stays in cash
    assert json.loads(json.dumps(outcome.to_dict()))["by_fold"][0]["values"] is None


def test_a_foreign_file_is_no_storage(tmp_path) -> None:
    import sqlite3

    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE things (a)")
    with pytest.raises(StorageError, match="something else"):
        Storage(other)
    text = tmp_path / "text.sqlite"
    text.write_text("not a database at all, " * 20)
    with pytest.raises(StorageError):
        Storage(text)
