"""NumPy, imported when it is first used.

Checking a program reads the declarations of indicators and computes none of them: it need not wait for NumPy, whose
import takes longer than the check. A module that calculates only when it is asked to writes

    from lingua.arrays import np
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["np"]

if TYPE_CHECKING:
    import numpy as np
else:

    class _Later:
        """Fetches each name of NumPy once; from then on it is an attribute like any other."""

        def __getattr__(self, name: str) -> Any:
            import numpy

            value = getattr(numpy, name)
            setattr(self, name, value)
            return value

    np = _Later()
