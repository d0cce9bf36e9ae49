"""The combinations of a program."""

import pytest

import lingua
from lingua.optimize.space import space_of


def space(params: str):
    text = f"strategy S {{ {params} rule r: close > sma(close, 5) => buy 10% with stop 5% }}"
    compiled = lingua.compile(text)
    assert compiled.ok, compiled.problems
    return space_of(compiled.program)


@pytest.mark.parametrize(
    ("param", "values"),
    [
        ("param n = 3 in 3..6", (3, 4, 5, 6)),
        ("param n = 3 in 3..10 step 3", (3, 6, 9)),
        ("param x = 0.1 in 0.1..0.5 step 0.1", (0.1, 0.2, 0.3, 0.4, 0.5)),
        ("param x = 2% in 1%..3% step 1%", (0.01, 0.02, 0.03)),
        ("param n = 9 in {21, 9, 14}", (9, 14, 21)),
        ("param f = ema in {sma, ema}", ("sma", "ema")),
        ("param b = true in {true, false}", (True, False)),
        ("param t = 1h in {1h, 4h}", ("1h", "4h")),
    ],
)
def test_a_domain_is_a_list_of_values(param: str, values: tuple) -> None:
    found = space(param).dimensions
    assert [each.values for each in found] == [values]
    assert [type(value) for value in found[0].values] == [type(value) for value in values]


def test_a_range_without_a_step_is_drawn_from_freely() -> None:
    found = space("param x = 1.5 in 1.0..2.0")
    assert found.dimensions[0].values == (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.0)  # what a grid tries
    drawn = [values["x"] for values in found.draw(50, seed=1)]
    assert len(set(drawn)) == 50
    assert all(1.0 <= value <= 2.0 for value in drawn)
    assert drawn == [values["x"] for values in found.draw(50, seed=1)]


def test_a_requirement_prunes_grid_and_draw_alike() -> None:
    found = space("param a = 1 in 1..5 param b = 2 in 1..5 require a < b and a + b != 6")
    wanted = {(a, b) for a in range(1, 6) for b in range(1, 6) if a < b and a + b != 6}
    assert {(v["a"], v["b"]) for v in found.grid()} == wanted
    assert {(v["a"], v["b"]) for v in found.draw(100, seed=3)} == wanted
    assert found.size == 25


def test_a_draw_repeats_nothing() -> None:
    drawn = [tuple(v.values()) for v in space("param a = 1 in 1..30 param b = 2 in 1..30").draw(400, seed=5)]
    assert len(set(drawn)) == 400


def test_params_without_a_domain_are_not_searched() -> None:
    assert space("param a = 1 param b = 2 in 1..3").dimensions[0].name == "b"
    assert space("param a = 1").dimensions == ()


def test_corners_are_the_ends_of_the_domains() -> None:
    found = space("param a = 3 in 1..9 param f = ema in {sma, ema, wma} require a > 2")
    assert {tuple(v.values()) for v in found.corners()} == {(a, f) for a in (1, 9) for f in ("sma", "ema", "wma")}
