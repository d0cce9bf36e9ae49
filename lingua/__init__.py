"""Lingua: a language and engine for trading strategies.

    import lingua
    result = lingua.compile("examples/ema_cloud.lingua").backtest("examples/data/AAPL.csv")
    result.metrics["sharpe"]

Importing this module loads neither NumPy nor any plotting or frame library; each is loaded when it is first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lingua.api import check, compile
    from lingua.backtest.result import Result
    from lingua.compiler import Compiled, CompileError
    from lingua.data.load import DataError

_HOME = {
    "compile": "lingua.api", "check": "lingua.api", "Compiled": "lingua.compiler",
    "CompileError": "lingua.compiler", "Result": "lingua.backtest.result", "DataError": "lingua.data.load",
}  # fmt: skip

__all__ = ["CompileError", "Compiled", "DataError", "Result", "__version__", "check", "compile"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'lingua' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
