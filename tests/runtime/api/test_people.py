"""Users, keys, sessions."""

import stat
import time
from pathlib import Path

import pytest
from conftest import PASSWORD, QUICK, Place
from sqlalchemy import select

from lingua_runtime.api.errors import ApiError
from lingua_runtime.api.people import People, session_key
from lingua_runtime.api.store import KEYS, USERS, Store
from lingua_runtime.secrets import SecretsError

NS = 1_000_000_000
GOOD = f"{PASSWORD} 4"
OWN = {"X-Lingua-Request": "1"}


class Clock:
    def __init__(self) -> None:
        self.ns = time.time_ns()

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> People:
    # What is remembered is remembered by the real clock; these tests move their own.
    monkeypatch.setattr("lingua_runtime.api.people.REMEMBERED_S", 0.0)
    return People(Store(f"sqlite:///{tmp_path / 'people.db'}"), hasher=QUICK, now=clock)


def refused(work: object, *arguments: object, **more: object) -> str:
    with pytest.raises(ApiError) as problem:
        work(*arguments, **more)  # type: ignore[operator]
    return problem.value.code


def test_the_first_administrator_is_made_by_a_token_that_works_once(people: People) -> None:
    token = people.setup_token()
    assert token
    assert refused(people.set_up, "wrong", "anna", GOOD) == "wrong_credentials"
    assert refused(people.set_up, token, "anna", "short") == "invalid"
    assert people.set_up(token, "anna", GOOD).roles == ("administrator",)
    assert refused(people.set_up, token, "bert", GOOD) == "wrong_credentials"
    assert people.setup_token() == ""


def test_the_token_is_void_once_somebody_was_added_otherwise(people: People) -> None:
    token = people.setup_token()
    people.add_user("anna", ["administrator"], GOOD)
    assert refused(people.set_up, token, "bert", GOOD) == "exists"
    assert [user.name for user in people.users()] == ["anna"]


def test_nothing_in_the_database_lets_anybody_in(people: People, tmp_path: Path) -> None:
    people.add_user("anna", ["administrator"], GOOD)
    key, view = people.add_key("anna", "test")
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("people.db*"))
    assert GOOD.encode() not in raw
    assert key.split("_", 2)[2].encode() not in raw
    assert view.id.encode() in raw
    with people._store.read() as connection:
        assert connection.execute(select(USERS)).one().password.startswith("$argon2id$")
        assert connection.execute(select(KEYS)).one().digest not in key
    assert stat.S_IMODE((tmp_path / "people.db").stat().st_mode) == 0o600


def test_a_session_ends_by_time_and_is_renewed_until_its_day_is_over(people: People, clock: Clock) -> None:
    people.add_user("anna", ["risk"], GOOD)
    token, _ = people.sign_in("anna", GOOD)
    assert people.recognise(token).name == "anna"
    clock.ns += 899 * NS
    token2 = people.renew(people.recognise(token))
    clock.ns += 2 * NS
    assert refused(people.recognise, token) == "not_signed_in"
    for _ in range(48):
        clock.ns += 880 * NS
        token2 = people.renew(people.recognise(token2))
    clock.ns += 880 * NS
    assert refused(people.recognise, token2) == "not_signed_in"


def test_a_changed_password_role_or_state_ends_all_sessions(people: People) -> None:
    people.add_user("root", ["administrator"], GOOD)
    people.add_user("anna", ["risk"], GOOD)
    for change in ({"password": f"{GOOD} new"}, {"roles": ["developer"]}, {"is_active": True}):
        people.change_user("anna", password=GOOD)
        token, _ = people.sign_in("anna", GOOD)
        assert people.recognise(token)
        people.change_user("anna", **change)  # type: ignore[arg-type]
        assert refused(people.recognise, token) == "not_signed_in", change
    people.change_user("anna", is_active=False, password=GOOD)
    assert refused(people.sign_in, "anna", GOOD) == "wrong_credentials"


def test_a_token_of_another_node_or_made_by_hand_is_nothing(people: People, tmp_path: Path) -> None:
    import jwt

    people.add_user("anna", ["risk"], GOOD)
    token, person = people.sign_in("anna", GOOD)
    other = People(people._store, hasher=QUICK)
    assert refused(other.recognise, token) == "not_signed_in"
    claims = {"sub": "anna", "sid": person.session, "ver": 1, "exp": 2**40}
    for made in (
        jwt.encode(claims, "x" * 32, "HS256"),
        jwt.encode(claims, None, "none"),
        token[:-4] + "AAAA",
        "",
        "a.b.c",
    ):
        assert refused(people.recognise, made) == "not_signed_in"


def test_a_key_ends_when_it_is_revoked_and_when_its_time_is_over(people: People, clock: Clock) -> None:
    people.add_user("anna", ["risk"], GOOD)
    key, view = people.add_key("anna", "test", days=1)
    for_ever, _ = people.add_key("anna", "test", days=0)
    assert people.recognise(key).roles == {"risk"}
    assert refused(people.recognise, key[:-1] + ("A" if key[-1] != "A" else "B")) == "not_signed_in"
    clock.ns += 86_401 * NS
    assert refused(people.recognise, key) == "not_signed_in"
    assert people.recognise(for_ever)
    assert refused(people.drop_key, view.id, owner="bert") == "no_such_key"
    people.drop_key(people.keys("anna")[1].id)
    assert refused(people.recognise, for_ever) == "not_signed_in"


def test_the_last_administrator_stays(people: People) -> None:
    people.add_user("anna", ["administrator"], GOOD)
    assert refused(people.change_user, "anna", is_active=False) == "conflict"
    assert refused(people.change_user, "anna", roles=["risk"]) == "conflict"
    people.add_user("bert", ["administrator", "risk"], GOOD)
    assert people.change_user("anna", roles=["risk"]).roles == ("risk",)


@pytest.mark.parametrize("name", ["", "Anna", "a b", "../x", "a" * 65, "console", "anna\n", "ánna", "1a"])
def test_names_that_are_none_are_refused(people: People, name: str) -> None:
    assert refused(people.add_user, name, ["risk"], GOOD) == "invalid"


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaaaaaa", "x" * 300, "anna anna anna"])
def test_passwords_that_are_none_are_refused(people: People, password: str) -> None:
    assert refused(people.add_user, "anna", ["risk"], password) == "invalid"


def test_an_unknown_name_and_a_wrong_password_are_told_in_the_same_words(people: People) -> None:
    people.add_user("anna", ["risk"], GOOD)
    said = set()
    for name, password in (("anna", "wrong password"), ("bert", GOOD), ("anna'; --", GOOD), ("anna", "")):
        with pytest.raises(ApiError) as problem:
            people.sign_in(name, password)
        said.add((problem.value.code, problem.value.why))
    assert len(said) == 1


def test_the_console_key_is_new_at_each_start_and_of_use_here_alone(place: Place, tmp_path: Path) -> None:
    file = place.people.console_key(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    old = {"Authorization": f"Bearer {file.read_text().strip()}"}
    assert place.client.get("/v1/session", headers=old).json()["how"] == "console"
    assert place.client.get("/v1/session", headers={**old, "X-Forwarded-For": "10.0.0.1"}).status_code == 401
    from starlette.testclient import TestClient

    with TestClient(place.app, base_url="http://localhost", client=("10.0.0.9", 1)) as elsewhere:
        assert elsewhere.get("/v1/session", headers=old).status_code == 401
        assert elsewhere.get("/v1/session", headers=place.as_("risk")).status_code == 200
    place.people.console_key(tmp_path)
    assert place.client.get("/v1/session", headers=old).status_code == 401
    assert refused(place.people.change_user, "console", is_active=False) == "not_allowed"


def test_the_key_of_sessions_is_kept_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    first = session_key(tmp_path)
    assert session_key(tmp_path) == first
    file = tmp_path / "session.key"
    file.chmod(0o644)
    with pytest.raises(SecretsError, match="others can read"):
        session_key(tmp_path)
    file.chmod(0o600)
    file.write_text("zz")
    with pytest.raises(SecretsError, match="damaged"):
        session_key(tmp_path)


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(place: Place) -> None:
    answer = place.client.post("/v1/session", json={"name": "risk", "password": GOOD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert place.client.get("/v1/session").json()["how"] == "session"
    assert place.client.delete("/v1/session").json()["code"] == "foreign_origin"
    assert place.client.delete("/v1/session", headers=OWN).status_code == 200
    assert place.client.get("/v1/session").status_code == 401


def test_a_key_cannot_make_keys(place: Place) -> None:
    answer = place.client.post("/v1/keys", headers=place.as_("administrator"), json={"label": "x"})
    assert answer.json()["code"] == "not_allowed"


def test_somebody_sees_and_revokes_own_keys_only(place: Place) -> None:
    keys = place.client.get("/v1/keys", headers=place.as_("developer")).json()
    assert [key["user"] for key in keys] == ["developer"]
    everybody = place.client.get("/v1/keys", headers=place.as_("administrator")).json()
    assert {key["user"] for key in everybody} == {"developer", "portfolio", "risk", "administrator"}
    other = next(key["id"] for key in everybody if key["user"] == "risk")
    assert place.client.delete(f"/v1/keys/{other}", headers=place.as_("developer")).status_code == 404
    assert place.client.delete(f"/v1/keys/{other}", headers=place.as_("administrator")).status_code == 200
    assert place.client.get("/v1/session", headers=place.as_("risk")).status_code == 401


def test_one_changes_ones_own_password(place: Place) -> None:
    token = place.client.post("/v1/session", json={"name": "risk", "password": GOOD}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"old": "wrong password", "new": f"{GOOD} new"}
    assert place.client.post("/v1/password", headers=headers, json=body).status_code == 401
    assert place.client.post("/v1/password", headers=headers, json={**body, "old": GOOD}).status_code == 200
    assert place.client.get("/v1/session", headers=headers).status_code == 401
    assert place.client.post("/v1/session", json={"name": "risk", "password": f"{GOOD} new"}).status_code == 200


def test_guessing_passwords_is_slowed_down(tmp_path: Path) -> None:
    from conftest import make_place

    from lingua_runtime.api.settings import ApiSettings

    for place in make_place(tmp_path, ApiSettings(rate=20.0, burst=200.0)):
        codes = [
            place.client.post("/v1/session", json={"name": "risk", "password": f"guess {n} guess"}).status_code
            for n in range(9)
        ]
        assert codes[0] == 401
        assert codes[-1] == 429
        assert place.client.get("/v1/session", headers=place.as_("risk")).status_code == 200
