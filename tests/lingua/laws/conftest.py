"""Makes the helpers beside the tests, and the mutations of the syntax tests, importable (test folders are no packages)."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE.parent / "syntax", HERE):
    sys.path.insert(0, str(folder))
