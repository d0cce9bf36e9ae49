"""Room for deep recursion: a chain of five hundred operators, or of ten thousand names each defined by the next.

The passes of this package recurse through plain Python functions only. Since Python 3.11 such calls use no C stack, so
the interpreter's limit can be raised without danger; it is put back when the last user is done.
"""

from __future__ import annotations

import sys
import threading

ROOM = 400_000
_lock = threading.Lock()
_users = 0
_before = 0


class deep_recursion:  # used as the functions of contextlib are, and a third of their price
    """Allow `ROOM` nested calls inside the block."""

    def __enter__(self) -> None:
        global _users, _before
        with _lock:
            if _users == 0:
                _before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(ROOM, _before))
            _users += 1

    def __exit__(self, *fault: object) -> None:
        global _users
        with _lock:
            _users -= 1
            if _users == 0:
                sys.setrecursionlimit(_before)
