"""Who may do what."""

import base64
import itertools
from pathlib import Path
from typing import Any

import pytest
from conftest import PASSWORD, Place

from lingua_runtime.api.roles import ROUTES, STREAM, Effect, Role, Route, roles_table, table
from lingua_runtime.api.settings import ApiSettings, SettingsError, read
from lingua_runtime.control import CONSOLE, Mode

ARTEFACT = base64.b64encode(b'{"lingua": 1}').decode()
BODIES: dict[str, Any] = {
    "deploy": {"artefact": ARTEFACT, "id": "new", "mode": "paper"},
    "set_mode": {"mode": "advisory"},
    "arm": {"phrase": "arm one"},
    "stop": {"how": "flatten"},
    "adopt": {"symbol": "BTCUSDT"},
    "kill": {"everything": True},
    "rearm": {"everything": True},
    "sign_in": {"name": "risk", "password": f"{PASSWORD} 4"},
    "set_up": {"token": "x", "name": "x", "password": "x"},
    "change_password": {"old": "wrong", "new": "wrong"},
    "add_user": {"name": "new", "password": PASSWORD, "roles": ["risk"]},
    "change_user": {"is_active": True},
    "add_key": {"label": "new"},
}
BLOCKED = ("not_signed_in", "not_allowed")


def ask(place: Place, route: Route, who: str | None, **names: str) -> Any:
    values = {"deployment": "one", "approval": "ap", "user": "risk", "key": "nokey", **names}
    headers = place.as_(who) if who else {}
    body = BODIES.get(route.name) if route.method != "GET" else None
    return place.client.request(route.method, route.path.format(**values), headers=headers, json=body)


def test_there_is_no_route_outside_the_table(place: Place) -> None:
    known = {(route.method, route.path) for route in ROUTES}
    found = set()
    for path, item in place.app.openapi()["paths"].items():
        found |= {(method.upper(), path) for method in item}
    assert found == known


def test_each_route_is_open_to_the_roles_of_its_row_and_to_nobody_else(place: Place) -> None:
    for route, who in itertools.product(ROUTES, [None, *(role.value for role in Role)]):
        place.node.put("one", Mode.PAPER)
        place.client.cookies.clear()
        if route.name == "add_key":
            continue  # a key cannot make keys, whoever's it is: `test_people.py`
        answer = ask(place, route, who)
        is_let_in = answer.status_code < 400 or answer.json().get("code") not in BLOCKED
        expected = route.is_open or (who is not None and Role(who) in route.roles)
        assert is_let_in == expected, (route.name, who, answer.text)


def test_where_orders_are_real_fewer_may(place: Place) -> None:
    guarded = [route for route in ROUTES if route.money is not None]
    assert len(guarded) >= 5
    for route, mode in itertools.product(guarded, (Mode.LIVE, Mode.SEMI)):
        for who in Role:
            place.node.put("one", mode)
            place.node.all.pop("new", None)
            before = len(place.node.done)
            if route.name == "deploy":
                body = {**BODIES["deploy"], "mode": mode.value}
                answer = place.client.post("/v1/deployments", headers=place.as_(who.value), json=body)
            else:
                answer = ask(place, route, who.value)
            assert route.money is not None
            if who in route.money:
                assert answer.status_code in (200, 201), answer.text
            else:
                assert answer.json()["code"] == "not_allowed"
                assert len(place.node.done) == before


def test_a_developer_cannot_slip_a_program_into_a_live_deployment_or_make_one_live(place: Place) -> None:
    place.node.put("one", Mode.LIVE)
    place.node.put("two", Mode.PAPER)
    body = {"artefact": ARTEFACT, "id": "one", "mode": "paper", "replace": True}
    assert place.client.post("/v1/deployments", headers=place.as_("developer"), json=body).status_code == 403
    body = {"artefact": ARTEFACT, "mode": "paper", "replace": True}
    assert place.client.post("/v1/deployments", headers=place.as_("developer"), json=body).status_code == 422
    asked = place.client.post("/v1/deployments/two/mode", headers=place.as_("developer"), json={"mode": "live"})
    assert asked.status_code == 403
    assert place.node.done == []


def arm(place: Place, who: str, name: str = "live", phrase: str = "") -> Any:
    return place.client.post(
        f"/v1/deployments/{name}/arm", headers=place.as_(who), json={"phrase": phrase or f"arm {name}"}
    )


def test_arming_takes_a_second_person_and_the_typed_phrase(place: Place) -> None:
    body = {"artefact": ARTEFACT, "id": "live", "mode": "live"}
    assert place.client.post("/v1/deployments", headers=place.as_("portfolio"), json=body).status_code == 201
    assert arm(place, "portfolio").json()["code"] == "second_person"
    assert arm(place, "risk", phrase="arm liv").json()["code"] == "invalid"
    assert not place.node.all["live"].is_armed
    assert arm(place, "risk").status_code == 200
    assert place.node.all["live"].is_armed


def test_another_key_of_the_same_person_is_no_second_person(place: Place) -> None:
    place.keys["again"] = place.people.add_key("portfolio", "another")[0]
    body = {"artefact": ARTEFACT, "id": "live", "mode": "live"}
    place.client.post("/v1/deployments", headers=place.as_("portfolio"), json=body)
    assert arm(place, "again").json()["code"] == "second_person"


def test_whoever_made_it_live_is_not_the_second_person_either(place: Place) -> None:
    body = {"artefact": ARTEFACT, "id": "live", "mode": "paper"}
    place.client.post("/v1/deployments", headers=place.as_("developer"), json=body)
    place.client.post("/v1/deployments/live/mode", headers=place.as_("administrator"), json={"mode": "live"})
    assert arm(place, "administrator").json()["code"] == "second_person"
    assert arm(place, "portfolio").status_code == 200


def test_alone_at_the_console_the_phrase_is_the_second_confirmation(place: Place, tmp_path: Path) -> None:
    place.keys["console"] = place.people.console_key(tmp_path).read_text().strip()
    body = {"artefact": ARTEFACT, "id": "live", "mode": "live"}
    assert place.client.post("/v1/deployments", headers=place.as_("console"), json=body).status_code == 201
    assert arm(place, "console", phrase="yes").status_code == 422
    assert arm(place, "console").status_code == 200
    assert place.node.done[-1] == ("arm", "live", CONSOLE)


def test_a_key_that_only_reads_changes_nothing(place: Place) -> None:
    place.keys["eyes"] = place.people.add_key("administrator", "screen", is_read_only=True)[0]
    place.node.put("one")
    for route in ROUTES:
        answer = ask(place, route, "eyes")
        if route.is_open:
            continue
        if route.effect is Effect.SEES:
            assert answer.status_code in (200, 409), (route.name, answer.text)
        else:
            assert answer.json()["code"] == "not_allowed", route.name
    assert place.node.done == []


def test_a_role_that_is_taken_from_a_user_is_gone_from_the_key(place: Place) -> None:
    place.people.change_user("portfolio", roles=["developer"])
    place.node.put("one", Mode.LIVE)
    assert ask(place, next(r for r in ROUTES if r.name == "kill"), "portfolio").status_code == 403


def test_a_key_has_no_role_that_its_user_has_not(place: Place) -> None:
    session = place.client.post("/v1/session", json={"name": "risk", "password": f"{PASSWORD} 4"}).json()["token"]
    headers = {"Authorization": f"Bearer {session}"}
    body = {"label": "more", "roles": ["administrator"]}
    assert place.client.post("/v1/keys", headers=headers, json=body).status_code == 403
    body = {"label": "same", "roles": ["risk"]}
    assert place.client.post("/v1/keys", headers=headers, json=body).status_code == 201


def test_the_documented_table_is_the_table() -> None:
    page = Path(__file__).parents[3] / "docs" / "howto" / "api.md"
    text = page.read_text("utf-8")
    assert table() in text, "run `python docs/generate_reference.py`"
    assert roles_table() in text
    assert STREAM.path in table()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": "0.0.0.0"}, "in the clear"),
        ({"port": 99999}, "port"),
        ({"prot": 1}, "prot"),
        ({"origins": ["*"]}, "no origin"),
        ({"certificate": "x.pem"}, "go together"),
        ({"session_s": 1}, "session_s"),
    ],
)
def test_settings_that_would_hurt_are_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read(settings)


def test_settings_are_read() -> None:
    assert read({"port": 1, "hosts": ["desk"]}) == ApiSettings(port=1, hosts=("desk",))
    assert read({"host": "0.0.0.0", "behind_proxy": True}).is_secure
