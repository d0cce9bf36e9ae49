"""Which sessions choose and which judge."""

import math

import pytest

from lingua.optimize.folds import FoldError, FoldPlan, cut_folds, default_plan, paths


def overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def test_anchored_training_begins_at_the_start_and_grows() -> None:
    folds = cut_folds(FoldPlan("walk_forward", train=100, test=50), 300, 10)
    assert [(f.train, f.test) for f in folds] == [
        (((0, 100),), ((110, 160),)),
        (((0, 150),), ((160, 210),)),
        (((0, 200),), ((210, 260),)),
    ]


def test_rolling_training_keeps_its_length() -> None:
    folds = cut_folds(FoldPlan("rolling", train=100, test=50, step=25), 200, 5)
    assert [(f.train, f.test) for f in folds] == [
        (((0, 100),), ((105, 155),)),
        (((25, 125),), ((130, 180),)),
    ]


@pytest.mark.parametrize(
    "plan",
    [
        FoldPlan("walk_forward", train=90, test=30),
        FoldPlan("rolling", train=90, test=30, step=10),
        FoldPlan("k_fold", groups=5),
        FoldPlan("cpcv", groups=6, tested=2),
        FoldPlan("cpcv", groups=6, tested=3, embargo=0),
    ],
)
@pytest.mark.parametrize("purge", [0, 1, 12])
def test_training_and_test_are_apart_by_the_purge_and_the_embargo(plan: FoldPlan, purge: int) -> None:
    sessions = 400
    for fold in cut_folds(plan, sessions, purge):
        embargo = 0 if plan.kind in ("walk_forward", "rolling") else 4 if plan.embargo is None else plan.embargo
        for train in fold.train:
            assert 0 <= train[0] < train[1] <= sessions
            for a, b in fold.test:
                assert not overlap(train, (a - purge, b + purge + embargo))


def test_k_fold_judges_every_session_once() -> None:
    folds = cut_folds(FoldPlan("k_fold", groups=7), 500, 3)
    judged = sorted(session for fold in folds for a, b in fold.test for session in range(a, b))
    assert judged == list(range(500))


def test_combinatorial_folds_make_the_paths_of_the_book() -> None:
    # López de Prado, Advances in Financial Machine Learning (2018), section 12.4.1: six groups, two of them tested,
    # are 15 splits and 5 paths.
    folds = cut_folds(FoldPlan("cpcv", groups=6, tested=2), 600, 0)
    found = paths(folds, 6)
    assert (len(folds), len(found)) == (15, 5)
    assert len(found) == math.comb(6, 2) * 2 // 6
    for path in found:
        assert [group for group, _ in path] == list(range(6))
    used = [step for path in found for step in path]
    assert len(used) == len(set(used)) == 30


def test_folds_that_do_not_fit_say_by_how_much() -> None:
    with pytest.raises(FoldError, match=r"needs 360 sessions .* there are 300"):
        cut_folds(FoldPlan("walk_forward", train=250, test=100), 300, 10)
    with pytest.raises(FoldError, match="leaves nothing to train on"):
        cut_folds(FoldPlan("k_fold", groups=2), 100, 60)
    with pytest.raises(FoldError, match="fewer than two"):
        cut_folds(FoldPlan("k_fold", groups=90), 100, 0)


def test_the_usual_plan_has_tests_long_enough_for_a_yearly_figure() -> None:
    assert default_plan(2000, 100).test == 190
    short = default_plan(260, 20)
    assert short.test >= 30
    assert len(cut_folds(short, 260, 20)) >= 1
