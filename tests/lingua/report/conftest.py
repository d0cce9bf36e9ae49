"""`runs`: the module of hand-made runs of the backtest tests."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def runs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hand_made_runs", Path(__file__).parents[1] / "backtest" / "runs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
