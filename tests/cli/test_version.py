"""`lingua --version`: what runs compiled, and whether another package lies over ours."""

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from lingua.cli import compiled, version


def test_version_names_every_module_and_how_it_runs(lingua) -> None:
    done = lingua("--version")
    assert done.code == 0
    assert done.out.startswith("lingua ")
    for standing in compiled.standings():
        assert standing.module in done.out
        assert standing.state in ("compiled", "interpreted", "stale")


def test_every_listed_module_exists() -> None:
    root = Path(compiled.__file__).resolve().parents[2]
    listed = set(compiled.MODULES)
    for name in compiled.LISTS:
        lines = (root / name).read_text().splitlines()
        listed |= {line.removesuffix(".py").replace("/", ".") for line in lines if line and not line.startswith("#")}
    assert set(compiled.modules(root)) == listed


def test_a_module_compiled_from_another_source_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "source_digest", lambda path: "another")
    for standing in compiled.standings():
        assert standing.state in ("interpreted", "stale")
    assert "install again" in version.describe(compiled.Standing("m", "stale"))


class Installed:
    """A distribution that installed a module `lingua`."""

    def __init__(self, name: str, files: list[str]) -> None:
        self.metadata = {"Name": name}
        self.files = [Path(file) for file in files]


def test_another_package_over_ours_is_told(lingua, monkeypatch: pytest.MonkeyPatch) -> None:
    rival = Installed("lingua-language-detector", ["lingua/__init__.py"])
    monkeypatch.setattr(version.metadata, "distributions", lambda: [rival, Installed("numpy", ["numpy/__init__.py"])])
    monkeypatch.setattr(version, "is_ours", lambda: False)
    assert "lingua-language-detector" in lingua("--version").err
    monkeypatch.setattr(version, "is_ours", lambda: True)
    assert lingua("--version").err == ""


def test_a_replaced_file_is_noticed_by_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lingua").mkdir()
    shutil.copy(Path(version.__file__), tmp_path / "lingua" / "__init__.py")

    class Recorded(metadata.PackagePath):
        hash = metadata.FileHash("sha256=0000")

        def locate(self) -> Path:
            return tmp_path / str(self)

    monkeypatch.setattr(version.metadata, "files", lambda name: [Recorded("lingua/__init__.py")])
    assert not version.is_ours()
