"""What a user may choose: given at the start, or changed later (`lingua` in the configuration of the workspace)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Settings:
    """Names are those of the client's settings, all truths."""

    autoBacktest: bool = True
    """Run strategies whose bars a `lingua.toml` names when a file is opened or saved."""
    hintUnits: bool = True
    hintValues: bool = True
    hintWarmup: bool = True
    showProblems: bool = True
    """Say in a message why a backtest could not run. A client that shows the answer of the command turns it off."""

    def take(self, given: Any) -> None:
        """Take over what is known and of the right kind; the rest stays."""
        if isinstance(given, dict):
            inner = given.get("lingua")
            given = inner if isinstance(inner, dict) else given
            for each in fields(self):
                value = given.get(each.name)
                if isinstance(value, bool):
                    setattr(self, each.name, value)
