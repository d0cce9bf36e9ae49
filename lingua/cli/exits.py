"""Exit codes, and the failures that carry them to the end of the command."""

from __future__ import annotations

FINE = 0
WRONG = 1
"""The program or its tests are wrong."""
USAGE = 2
"""The command line is wrong: an option, a program that cannot be read, a place where nothing can be written."""
DATA = 3
"""The market data are missing, damaged or refused."""
INTERNAL = 4
"""A fault of Lingua itself."""
INTERRUPTED = 130
"""Ctrl-C, as shells report it."""


class Failure(Exception):
    """Ends the command with a message for the user and an exit code."""

    def __init__(self, message: str, code: int, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.help = help


class UsageFailure(Failure):
    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message, USAGE, help)
