"""Names, spellings, and what is loaded when."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lingua.indicators.describe import describe
from lingua.indicators.registry import canonical, lookup, names


def test_rolling_forms_keep_their_usual_names_in_the_spelling_of_talib() -> None:
    spellings = {"MAX": "highest", "MIN": "lowest", "SUM": "sum", "EMA": "ema", "CDLENGULFING": "cdl_engulfing"}
    assert {spelling: canonical(spelling) for spelling in spellings} == spellings
    assert canonical("no_such_name") == "no_such_name"
    assert lookup("no_such_name") is None


@pytest.mark.parametrize("name", names())
def test_every_declaration_says_what_it_is(name: str) -> None:
    spec = lookup(name)
    assert spec is not None
    assert spec.summary.endswith(".")
    assert spec.formula
    assert spec.source
    assert spec.name.islower()
    assert len({each.name for each in (*spec.inputs, *spec.parameters)}) == len(spec.inputs) + len(spec.parameters)
    for each in spec.parameters:
        if each.kind == "choice":
            assert each.default in each.choices
        elif each.default is not None:
            assert each.low <= float(each.default) <= each.high
    text = describe(spec)
    assert spec.formula in text
    assert all(f"`{each.name}`" in text for each in spec.parameters)


def test_looking_up_loads_neither_talib_nor_data_frames_and_a_talib_kernel_no_data_frames() -> None:
    program = (
        "import sys\n"
        "from lingua.indicators.registry import lookup, names\n"
        "given = lambda s: {p.name: 20 if p.default is None else p.default for p in s.parameters}\n"
        "[s.lookback(**given(s)) for s in map(lookup, names())]\n"
        "print(*sorted({'talib', 'pandas', 'polars'} & set(sys.modules)))\n"
        "import numpy as np\n"
        "x = np.arange(90.0)\n"
        "lookup('cdl_doji').batch(x, x + 1, x - 1, x)\n"
        "print(*sorted({'talib', 'pandas', 'polars'} & set(sys.modules)))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said == ["", "talib"]
