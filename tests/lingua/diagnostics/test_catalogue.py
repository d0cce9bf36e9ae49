"""The catalogue refuses numbers and slugs that are given twice."""

import sys
import types

import pytest

from lingua.diagnostics import catalogue as module
from lingua.diagnostics import codes
from lingua.diagnostics.diagnostic import Code, Severity


@pytest.fixture
def extra_family(monkeypatch: pytest.MonkeyPatch):
    """A further family module, and a catalogue that has not been read yet."""
    family = types.ModuleType("lingua.diagnostics.codes.extra")
    monkeypatch.setitem(sys.modules, family.__name__, family)
    monkeypatch.setattr(module.pkgutil, "iter_modules", lambda _path: [types.SimpleNamespace(name="extra")])
    module.catalogue.cache_clear()
    yield family
    module.catalogue.cache_clear()


def test_a_number_given_twice_is_refused(extra_family: types.ModuleType) -> None:
    extra_family.ONE = Code("L0199", "one", Severity.ERROR, "")
    extra_family.TWO = Code("L0199", "two", Severity.ERROR, "")
    with pytest.raises(ValueError, match="L0199 is given twice: one and two"):
        module.catalogue()


def test_a_slug_given_twice_is_refused(extra_family: types.ModuleType) -> None:
    extra_family.ONE = Code("L0198", "same", Severity.ERROR, "")
    extra_family.TWO = Code("L0199", "same", Severity.ERROR, "")
    with pytest.raises(ValueError, match="slug 'same' is given to L0198 and L0199"):
        module.catalogue()


def test_one_code_under_two_names_is_one_code(extra_family: types.ModuleType) -> None:
    extra_family.ONE = Code("L0199", "one", Severity.ERROR, "")
    extra_family.ALIAS = extra_family.ONE
    assert list(module.catalogue()) == ["L0199"]


def test_codes_are_a_package_of_families() -> None:
    assert codes.__path__
