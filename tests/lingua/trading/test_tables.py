"""Names and numbers that are written down twice agree, and tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lingua.trading import codes, opcodes
from lingua.trading.execution import Execution
from lingua.trading.fees import PRESETS, preset
from lingua.trading.orders import FINAL, NEXT, OrderState, may_follow
from lingua.trading.profiles import PROFILES, resolve

FOLDER = Path(codes.__file__).parent


@pytest.mark.parametrize("module", [codes, opcodes])
def test_the_c_constants_are_those_of_the_module(module):
    text = (FOLDER / f"{module.__name__.rsplit('.')[-1]}.pxd").read_text()
    declared = {name: int(number) for name, number in re.findall(r"^    (\w+) = (\d+)$", text, re.MULTILINE)}
    own = {name: x for name, x in vars(module).items() if name.isupper() and isinstance(x, int)}
    assert declared == own


def test_every_code_has_its_word():
    assert len(codes.DETAILS) == codes.WHY_LEGS_APART + 1
    assert len(codes.KINDS) == codes.BROKEN + 1
    assert len(codes.REASONS) == codes.FOR_UNWIND + 1
    assert len(codes.VERBS) == codes.CANCEL + 1


def test_compiled_modules_exist_with_their_declarations():
    lines = (FOLDER / "compiled.txt").read_text().splitlines()
    modules = [line for line in lines if line and not line.startswith("#")]
    assert modules[-1] == "lingua/trading/step.py"
    for module in modules:
        path = FOLDER.parents[1] / module
        assert path.is_file()
        assert path.with_suffix(".pxd").is_file()


def test_every_order_state_says_what_may_follow():
    assert set(NEXT) == set(OrderState)
    reached = {OrderState.CREATED}
    while True:
        more = reached | {after for before in reached for after in NEXT[before]}
        if more == reached:
            break
        reached = more
    assert reached == set(OrderState)
    assert may_follow(OrderState.CANCELED, OrderState.FILLED)
    assert not may_follow(OrderState.FILLED, OrderState.CANCELED)
    assert {state for state, after in NEXT.items() if not after} <= FINAL


def test_event_kinds_of_orders_are_order_states():
    for kind in codes.KINDS[: codes.DENIED + 1]:
        assert OrderState(kind)


def test_presets_and_profiles_name_real_options():
    names = set(Execution.__dataclass_fields__)
    for keys in [*PRESETS.values(), *PROFILES.values()]:
        assert set(keys) <= names


def test_tiers_begin_with_the_base_rate_and_fall():
    for name, keys in PRESETS.items():
        tiers = keys.get("commission_tiers", ())
        if tiers:
            starts, rates = zip(*tiers, strict=True)
            assert (starts[0], rates[0]) == (0.0, keys["commission"]), name
            assert list(starts) == sorted(starts), name
            assert list(rates) == sorted(rates, reverse=True), name
        assert keys.get("commission_maker", 0.0) <= keys.get("commission", 1.0), name


def test_what_the_user_gives_wins_over_profile_and_preset():
    given = Execution(profile="vectorbt", fees="binance.perp", stops_from="fill", is_given=frozenset({"stops_from"}))
    made = resolve(given)
    assert (made.size_at, made.stops_from, made.limit_fill) == ("fill", "fill", "touch")
    assert (made.commission, made.commission_maker) == (0.0005, 0.0002)
    own = resolve(Execution(fees="coinbase", commission=0.002, is_given=frozenset({"fees", "commission"})))
    assert (own.commission, own.commission_maker, own.commission_tiers) == (0.002, None, ())


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"known are .*binance\.spot"):
        preset("bianance.spot")
    with pytest.raises(ValueError, match=r"known are .*pine"):
        resolve(Execution(profile="pain"))
