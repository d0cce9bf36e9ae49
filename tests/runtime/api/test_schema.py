"""The API does what its own description says: schemathesis asks by it."""

import copy
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from conftest import Place, make_place
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from lingua_runtime.api.roles import ROUTES

EXAMPLES = int(os.environ.get("LINGUA_FUZZ", "3"))
"""Of each route and kind; set LINGUA_FUZZ to look longer."""
NEGATIVE = GenerationMode.NEGATIVE
LEFT_OUT = (
    # The gate refuses some paths, hosts and headers that a description cannot tell: it answers 400, 403, 421.
    openapi_checks.positive_data_acceptance,
    # `ignored_auth` removes the key and expects 401; open routes and the rows for other roles are `test_roles.py`.
    openapi_checks.ignored_auth,
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Any]]:
    for place in make_place(tmp_path_factory.mktemp("schema")):
        place.node.put("one")
        raw = copy.deepcopy(place.app.openapi())
        for item in raw["paths"].values():
            for operation in item.values():
                operation.pop("security", None)  # each request carries a key; those that do not are `test_roles.py`
        schema = schemathesis.openapi.from_dict(raw)
        schema.app = place.app
        yield place, schema


def of_one(case: Any) -> Any:
    """The same, of a deployment that is there."""
    if "deployment" in (case.path_parameters or {}):
        case.path_parameters["deployment"] = "one"
    return case


def test_answers_are_as_described(described: tuple[Place, Any]) -> None:
    place, schema = described
    headers = {"Host": "localhost", **place.as_("administrator")}
    names = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        names.add(operation.label)

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy().map(of_one) | operation.as_strategy() | operation.as_strategy(NEGATIVE))
        def ask(case: Any) -> None:
            place.node.put("one")
            answer = case.call(headers=headers)
            assert answer.status_code < 500, answer.text
            case.validate_response(answer, excluded_checks=LEFT_OUT, headers=headers)

        ask()
    assert names == {f"{route.method} {route.path}" for route in ROUTES}


def test_the_checks_that_are_left_out_exist() -> None:
    assert checks.not_a_server_error
    assert len(LEFT_OUT) == 2
