"""Users, their keys and sessions: made, changed and recognised here.

Passwords are kept as argon2id writes them, keys as a digest, sessions as JSON Web Tokens of short life that name a row
which can be ended. What is recognised is remembered for REMEMBERED_S, so a change made by another process (`lingua
user`) takes that long; one made here takes effect at once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets as randomness
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2
import jwt
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from lingua_runtime.api.errors import ApiError
from lingua_runtime.api.roles import Role
from lingua_runtime.api.store import KEYS, SESSIONS, USERS, Store, StoreError, words
from lingua_runtime.control import CONSOLE
from lingua_runtime.observe.redact import REDACTOR
from lingua_runtime.secrets import write_private

NAME = re.compile(r"[a-z][a-z0-9._-]{0,63}")
KEY = re.compile(r"lk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
REMEMBERED_S = 2.0
MOST_REMEMBERED = 2_000
MOST_KEYS = 50
"""Of one user."""
CONSOLE_FILE = "console.key"
ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks. `how`: `session`, `key` or `console`; `session`: the row, to end it."""

    name: str
    roles: frozenset[Role]
    how: str
    is_read_only: bool = False
    session: str = ""
    key: str = ""

    def may(self, roles: frozenset[Role]) -> bool:
        return bool(self.roles & roles)


@dataclass(frozen=True, slots=True)
class UserView:
    name: str
    roles: tuple[str, ...]
    is_active: bool
    has_password: bool
    created_ts: int


@dataclass(frozen=True, slots=True)
class KeyView:
    id: str
    user: str
    label: str
    roles: tuple[str, ...]
    is_read_only: bool
    created_ts: int
    expires_ts: int


class People:
    """`session_key`: signs sessions; a new one ends them all. Every method may raise StoreError, and ApiError where
    what is asked for is wrong."""

    def __init__(
        self,
        store: Store,
        *,
        session_key: bytes | None = None,
        session_s: int = 900,
        session_most_s: int = 12 * 3600,
        now: Callable[[], int] = time.time_ns,
        hasher: argon2.PasswordHasher | None = None,
    ) -> None:
        self._store = store
        self._session_key = session_key or randomness.token_bytes(32)
        self._session_s, self._session_most_s = session_s, session_most_s
        self._now = now
        self._hasher = hasher or argon2.PasswordHasher()
        # Checked for a name that does not exist, so that both take the same time.
        self._nobody = self._hasher.hash(randomness.token_hex(16))
        self._remembered: dict[str, tuple[float, Person]] = {}
        self._lock = threading.Lock()
        self._setup_token = ""

    # --- the first administrator ---

    def setup_token(self) -> str:
        """A one-time token while there is no user; empty otherwise. To be printed at the node's start."""
        if self._setup_token == "" and not self.has_users():
            self._setup_token = randomness.token_urlsafe(24)
            REDACTOR.add(self._setup_token)
        return self._setup_token

    def set_up(self, token: str, name: str, password: str) -> UserView:
        with self._lock:
            expected = self._setup_token
            if not expected or not hmac.compare_digest(token.encode(), expected.encode()):
                raise ApiError("wrong_credentials", "the token is not the one that was printed, or it was used")
            if self.has_users():
                self._setup_token = ""
                raise ApiError("exists", "there is an administrator already")
            user = self.add_user(name, [Role.ADMINISTRATOR], password)
            self._setup_token = ""
            return user

    def has_users(self) -> bool:
        query = select(func.count()).select_from(USERS).where(USERS.c.name != CONSOLE)
        return bool(self._read(lambda connection: connection.execute(query).scalar()))

    def console_key(self, folder: Path) -> Path:
        """A fresh administrator's key for this machine, in a file that only its owner can read; the one before it is
        void. Raises SecretsError where the file cannot be written."""
        identity, text, digest = _new_key()

        def write(connection: Any) -> None:
            if connection.execute(select(USERS).where(USERS.c.name == CONSOLE)).first() is None:
                row = {"name": CONSOLE, "roles": Role.ADMINISTRATOR.value, "password": "", "is_active": 1, "version": 1}
                connection.execute(insert(USERS), {**row, "created": self._now()})
            connection.execute(delete(KEYS).where(KEYS.c.user == CONSOLE))
            row = {"id": identity, "user": CONSOLE, "label": "console", "digest": digest, "roles": ""}
            connection.execute(insert(KEYS), {**row, "is_read_only": 0, "created": self._now(), "expires": 0})

        self._run(write)
        self._forget()
        file = folder / CONSOLE_FILE
        write_private(file, text + "\n")
        return file

    # --- users ---

    def add_user(self, name: str, roles: Iterable[str], password: str) -> UserView:
        if NAME.fullmatch(name) is None or name == CONSOLE:
            raise ApiError("invalid", "a user's name has small letters, digits, `.`, `_`, `-` and begins with a letter")
        row = {
            "name": name,
            "roles": _join(_roles(roles)),
            "password": self._hash(name, password),
            "is_active": 1,
            "version": 1,
            "created": self._now(),
        }
        try:
            self._run(lambda connection: connection.execute(insert(USERS), row))
        except IntegrityError:
            raise ApiError("exists", f"there is a user `{name}`") from None
        return _user(row)

    def change_user(
        self,
        name: str,
        *,
        roles: Sequence[str] | None = None,
        password: str | None = None,
        is_active: bool | None = None,
    ) -> UserView:
        """A change ends the user's sessions. The last administrator who may sign in cannot be taken away."""
        changes: dict[str, Any] = {}
        if roles is not None:
            changes["roles"] = _join(_roles(roles))
        if password is not None:
            changes["password"] = self._hash(name, password)
        if is_active is not None:
            changes["is_active"] = int(is_active)
        if name == CONSOLE:
            raise ApiError("not_allowed", "the console's user is the node's own", "delete its key file instead")

        def write(connection: Any) -> Any:
            self._store.lock(connection)
            row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
            if row is None:
                raise ApiError("no_such_user", f"there is no user `{name}`")
            after = {**row._mapping, **changes, "version": row.version + 1}
            others = [
                other
                for other in connection.execute(select(USERS).where(USERS.c.name.not_in([name, CONSOLE])))
                if other.is_active and Role.ADMINISTRATOR in _split(other.roles)
            ]
            is_administrator = row.is_active and Role.ADMINISTRATOR in _split(row.roles)
            stays = after["is_active"] and Role.ADMINISTRATOR in _split(after["roles"])
            if is_administrator and not stays and not others:
                raise ApiError("conflict", f"`{name}` is the last administrator", "make another one first")
            connection.execute(update(USERS).where(USERS.c.name == name).values(**changes, version=after["version"]))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))
            return after

        after = self._run(write)
        self._forget()
        return _user(after)

    def users(self) -> list[UserView]:
        rows = self._read(lambda connection: list(connection.execute(select(USERS).order_by(USERS.c.name))))
        return [_user(row._mapping) for row in rows]

    # --- sessions ---

    def sign_in(self, name: str, password: str) -> tuple[str, Person]:
        """A token and whose it is. Slow on purpose: to be called off the event loop."""
        row = self._user_row(name) if NAME.fullmatch(name) else None
        kept = row.password if row is not None and row.is_active and row.password else self._nobody
        try:
            self._hasher.verify(kept, password[:LONGEST_PASSWORD])
            is_right = kept is not self._nobody
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            is_right = False
        if row is None or not is_right:
            raise ApiError("wrong_credentials", "the name or the password is wrong")
        session, now = randomness.token_hex(16), self._now()
        ends = now + self._session_most_s * 1_000_000_000

        def write(connection: Any) -> None:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.ends < now))
            connection.execute(insert(SESSIONS), {"id": session, "user": name, "ends": ends})

        self._run(write)
        person = Person(name, frozenset(_split(row.roles)), "session", session=session)
        return self._token(name, session, row.version, ends), person

    def renew(self, person: Person) -> str:
        """A token for the same session, which ends when it would have ended."""
        query = select(SESSIONS).where(SESSIONS.c.id == person.session)
        row, user = self._read(lambda connection: connection.execute(query).first()), self._user_row(person.name)
        if row is None or user is None:
            raise ApiError("not_signed_in", "the session has ended", "sign in again")
        return self._token(person.name, person.session, user.version, row.ends)

    def sign_out(self, person: Person) -> None:
        self._run(lambda connection: connection.execute(delete(SESSIONS).where(SESSIONS.c.id == person.session)))
        self._forget()

    def change_password(self, person: Person, old: str, new: str) -> None:
        row = self._user_row(person.name)
        try:
            self._hasher.verify(row.password if row is not None else self._nobody, old[:LONGEST_PASSWORD])
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            raise ApiError("wrong_credentials", "the old password is wrong") from None
        self.change_user(person.name, password=new)

    # --- keys ---

    def add_key(
        self, user: str, label: str, *, roles: Sequence[str] = (), is_read_only: bool = False, days: float = 0.0
    ) -> tuple[str, KeyView]:
        """The key, which is not kept, and what is. `roles`: some of the user's, none for all. `days`: 0 for no end."""
        row = self._user_row(user)
        if row is None:
            raise ApiError("no_such_user", f"there is no user `{user}`")
        wanted = _roles(roles) if roles else []
        if not set(wanted) <= set(_split(row.roles)):
            raise ApiError("not_allowed", "a key has no role that its user has not")
        identity, text, digest = _new_key()
        now = self._now()
        values = {
            "id": identity, "user": user, "label": label, "digest": digest, "roles": _join(wanted),
            "is_read_only": int(is_read_only), "created": now,
            "expires": now + int(days * 86_400e9) if days else 0,
        }  # fmt: skip

        def write(connection: Any) -> None:
            self._store.lock(connection)
            query = select(func.count()).select_from(KEYS).where(KEYS.c.user == user)
            if connection.execute(query).scalar() >= MOST_KEYS:
                raise ApiError("conflict", f"`{user}` has {MOST_KEYS} keys", "revoke one first")
            connection.execute(insert(KEYS), values)

        self._run(write)
        return text, _key(values)

    def drop_key(self, identity: str, *, owner: str = "") -> KeyView:
        """`owner`: whose it must be; empty for anybody's."""

        def write(connection: Any) -> Any:
            row = connection.execute(select(KEYS).where(KEYS.c.id == identity)).first()
            if row is None or owner not in ("", row.user):
                raise ApiError("no_such_key", f"there is no key `{identity}`")
            connection.execute(delete(KEYS).where(KEYS.c.id == identity))
            return row._mapping

        row = self._run(write)
        self._forget()
        return _key(row)

    def keys(self, owner: str = "") -> list[KeyView]:
        query = select(KEYS).order_by(KEYS.c.created)
        if owner:
            query = query.where(KEYS.c.user == owner)
        return [_key(row._mapping) for row in self._read(lambda connection: list(connection.execute(query)))]

    # --- recognising ---

    def recognise(self, credential: str) -> Person:
        """Whose key or session token it is. Raises ApiError `not_signed_in`, always in the same words."""
        if (known := self.remembered(credential)) is not None:
            return known
        mark = _mark(credential)
        person = self._by_key(credential) if credential.startswith("lk_") else self._by_session(credential)
        if person is None:
            raise ApiError("not_signed_in", "the key or session is not valid, or it has ended", "sign in again")
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        # Never longer than it is valid: both carry their end, which is seconds away at the earliest.
        self._remembered[mark] = (time.monotonic() + REMEMBERED_S, person)
        return person

    def remembered(self, credential: str) -> Person | None:
        known = self._remembered.get(_mark(credential))
        return known[1] if known is not None and known[0] > time.monotonic() else None

    def _by_key(self, text: str) -> Person | None:
        found = KEY.fullmatch(text)
        if found is None:
            return None
        query = select(KEYS, USERS.c.roles.label("all"), USERS.c.is_active).where(
            KEYS.c.id == found[1], USERS.c.name == KEYS.c.user
        )
        row = self._read(lambda connection: connection.execute(query).first())
        if row is None or not hmac.compare_digest(row.digest, _digest(text)) or not row.is_active:
            return None
        if row.expires and row.expires <= self._now():
            return None
        # A role that was taken from the user is gone from the key too.
        roles = frozenset(_split(row.all)) & frozenset(_split(row.roles) if row.roles else _split(row.all))
        how = "console" if row.user == CONSOLE else "key"
        return Person(row.user, roles, how, bool(row.is_read_only), key=row.id)

    def _by_session(self, token: str) -> Person | None:
        try:
            claims = jwt.decode(
                token, self._session_key, algorithms=[ALGORITHM], options={"require": ["sub", "sid", "ver", "exp"],
                "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            return None
        now = self._now()
        if not isinstance(claims["exp"], int) or claims["exp"] * 1_000_000_000 <= now:
            return None
        row = self._user_row(str(claims["sub"]))
        query = select(SESSIONS).where(SESSIONS.c.id == str(claims["sid"]))
        session = self._read(lambda connection: connection.execute(query).first())
        if row is None or session is None or session.user != row.name or session.ends <= now:
            return None
        if not row.is_active or row.version != claims["ver"]:
            return None
        return Person(row.name, frozenset(_split(row.roles)), "session", session=session.id)

    def _token(self, name: str, session: str, version: int, ends: int) -> str:
        exp = min(self._now() // 1_000_000_000 + self._session_s, ends // 1_000_000_000)
        claims = {"sub": name, "sid": session, "ver": version, "exp": exp}
        return jwt.encode(claims, self._session_key, algorithm=ALGORITHM)

    def _forget(self) -> None:
        self._remembered.clear()

    def _user_row(self, name: str) -> Any:
        return self._read(lambda connection: connection.execute(select(USERS).where(USERS.c.name == name)).first())

    def _read(self, work: Callable[[Any], Any]) -> Any:
        return self._run(work, self._store.read)

    def _run(self, work: Callable[[Any], Any], begin: Callable[[], Any] | None = None) -> Any:
        try:
            with (begin or self._store.begin)() as connection:
                return work(connection)
        except IntegrityError:
            raise
        except SQLAlchemyError as problem:
            raise StoreError(f"the database of users cannot be used: {words(problem)}") from None

    def _hash(self, name: str, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise ApiError(
                "invalid", f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters", "such as four words"
            )
        if len(set(password)) < 5 or name in password.lower():
            raise ApiError("invalid", "the password is too easily guessed", "such as four words")
        return self._hasher.hash(password)


def session_key(folder: Path) -> bytes:
    """The key that signs sessions, made at the first call: with it sessions outlive a restart. Raises SecretsError."""
    from lingua_runtime.secrets import SecretsError, private

    file = folder / "session.key"
    if not file.exists():
        write_private(file, randomness.token_hex(32) + "\n")
    private(file)
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except ValueError:
        key = b""
    if len(key) < 32:
        raise SecretsError(f"{file.name} is damaged", "delete it: everybody must sign in again")
    return key


def _new_key() -> tuple[str, str, str]:
    identity = "".join(randomness.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(12))
    text = f"lk_{identity}_{randomness.token_urlsafe(32)}"  # the redactor knows keys by this form
    return identity, text, _digest(text)


def _mark(credential: str) -> str:
    return hashlib.sha256(credential.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _roles(names: Iterable[str]) -> list[Role]:
    try:
        found = [Role(name) for name in names]
    except ValueError:
        raise ApiError("invalid", f"a role is one of {', '.join(role.value for role in Role)}") from None
    if not found:
        raise ApiError("invalid", "a user has at least one role")
    return [role for role in Role if role in found]


def _split(roles: str) -> list[Role]:
    return [Role(name) for name in roles.split(",") if name]


def _join(roles: Iterable[Role]) -> str:
    return ",".join(role.value for role in roles)


def _user(row: Any) -> UserView:
    roles = tuple(role.value for role in _split(row["roles"]))
    return UserView(row["name"], roles, bool(row["is_active"]), bool(row["password"]), row["created"])


def _key(row: Any) -> KeyView:
    roles = tuple(role.value for role in _split(row["roles"]))
    return KeyView(
        row["id"], row["user"], row["label"], roles, bool(row["is_read_only"]), row["created"], row["expires"]
    )
