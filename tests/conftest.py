"""How property tests run: no example fails for its duration, since machines are shared; and where `CI` is set they try
the same examples each time, so that a red run is the change's own. Exploring is for the everyday runs and the soak."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("lingua", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lingua")
