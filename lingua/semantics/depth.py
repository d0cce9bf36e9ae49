"""Room for deep recursion: a chain of five hundred operators, or of ten thousand names each defined by the next.

The passes of this package recurse through plain Python functions only. Since Python 3.11 such calls use no C stack, so
the interpreter's limit can be raised without danger; it is put back when the last user is done.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ROOM = 400_000
_lock = threading.Lock()
_users = 0
_before = 0


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow `ROOM` nested calls inside the block."""
    global _users, _before
    with _lock:
        if _users == 0:
            _before = sys.getrecursionlimit()
            sys.setrecursionlimit(max(ROOM, _before))
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                sys.setrecursionlimit(_before)
