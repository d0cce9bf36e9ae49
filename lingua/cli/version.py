"""`lingua --version`: which version, which modules are compiled, and whether another package lies over ours."""

from __future__ import annotations

import base64
import hashlib
import platform
import sys
from importlib import metadata
from pathlib import Path

from lingua.cli import exits
from lingua.cli.compiled import Standing, standings

DISTRIBUTION = "lingua-trading"


def print_version() -> int:
    print(
        f"lingua {installed_version()} (Python {platform.python_version()}, {platform.system()} {platform.machine()})"
    )
    found = standings()
    for standing in found:
        print(f"  {standing.module:<28} {describe(standing)}")
    if any(standing.state == "interpreted" for standing in found):
        print("Interpreted modules give the same answers, some hundred times slower. Install again with a C compiler.")
    for other in overwriting_distributions():
        print(
            f"warning: the package `{other}` also installs a module `lingua` and has replaced files of ours;\n"
            "  uninstall it and install ours again "
            f"(`pip install --force-reinstall --no-deps {DISTRIBUTION}`), or use separate environments",
            file=sys.stderr,
        )
    return exits.FINE


def describe(standing: Standing) -> str:
    if standing.state == "stale":
        return "compiled, but from an older source than the one beside it: install again"
    return standing.state


def installed_version() -> str:
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def overwriting_distributions() -> list[str]:
    """Names of other distributions that own a file `lingua/__init__.py` which is not the one we installed."""
    return [name for name in rivals() if not is_ours()]


def rivals() -> list[str]:
    """Other distributions that say they installed `lingua/__init__.py`."""
    found = []
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"] or ""
        if name.lower() != DISTRIBUTION and name.lower().startswith("lingua"):
            files = {str(file) for file in distribution.files or ()}
            if "lingua/__init__.py" in files:
                found.append(name)
    return sorted(found)


def is_ours() -> bool:
    """Whether `lingua/__init__.py` on the disk is the file that our own installation recorded."""
    try:
        files = metadata.files(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        files = []
    recorded = next((file for file in files if str(file) == "lingua/__init__.py"), None)
    if recorded is None:  # an editable install: the module must come from the folder this file is in
        import lingua

        return Path(lingua.__file__ or "").resolve().parent == Path(__file__).resolve().parents[1]
    if recorded.hash is None:
        return True
    digest = hashlib.new(recorded.hash.mode, Path(str(recorded.locate())).read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == recorded.hash.value
