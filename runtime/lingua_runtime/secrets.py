"""Secrets by name: from the environment, or from one encrypted file.

`binance_key` is looked for as LINGUA_SECRET_BINANCE_KEY, then in the file. The file holds all names and values as one
AES-256-GCM text; its key is made from a passphrase by scrypt (memory-hard: 64 MiB, about 0.2 s). The header is
authenticated with the rest, so that weaker parameters cannot be slipped in. Nobody but its owner may read it.

A secret that was looked up is announced to the redactor: it will not appear in a log, an answer or a message.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets as randomness
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lingua_runtime.observe.redact import REDACTOR, SHORTEST

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
PREFIX = "LINGUA_SECRET_"
PASSPHRASE = "LINGUA_PASSPHRASE"
PASSPHRASE_FILE = "LINGUA_PASSPHRASE_FILE"
COST = {"n": 2**16, "r": 8, "p": 1}
DEAREST = 2**18
"""The largest `n` a file may ask for: a file from elsewhere must not take the machine's memory."""
LARGEST = 1 << 20
SHORT = "a shorter one could not be kept out of logs"
FORMAT = "lingua-secrets-1"


class SecretsError(Exception):
    """Why a secret cannot be had; the text never holds one. `mend`: what to do."""

    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


class Secret:
    """A value that does not show itself: `reveal()` is the one way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        REDACTOR.add(value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not stored")


class Secrets:
    """`file`: the encrypted file, if there is one. `passphrase`: asked for at the first need of the file."""

    def __init__(
        self,
        file: Path | None = None,
        *,
        passphrase: Callable[[], str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._file = file
        self._environment = os.environ if environment is None else environment
        self._passphrase = passphrase or (lambda: passphrase_from(self._environment))
        self._opened: dict[str, str] | None = None

    def get(self, name: str) -> Secret:
        """Raises SecretsError where there is none."""
        found = self.find(name)
        if found is None:
            raise SecretsError(
                f"there is no secret `{name}`",
                f"`lingua secrets set {name}`, or set {variable(name)} in the environment",
            )
        return found

    def find(self, name: str) -> Secret | None:
        checked(name)
        value = self._environment.get(variable(name))
        if value is None and self._file is not None and self._file.exists():
            value = self._values().get(name)
        if value is None:
            return None
        if len(value) < SHORTEST:
            raise SecretsError(f"the secret `{name}` is shorter than {SHORTEST} characters", SHORT)
        return Secret(value)

    def names(self) -> list[str]:
        inside = self._values() if self._file is not None and self._file.exists() else {}
        outside = {name.removeprefix(PREFIX).lower() for name in self._environment if name.startswith(PREFIX)}
        return sorted(inside.keys() | outside)

    def set(self, name: str, value: str) -> None:
        """Write it to the file, which is replaced as a whole. Raises SecretsError."""
        checked(name)
        if len(value) < SHORTEST:
            raise SecretsError(f"a secret has at least {SHORTEST} characters", SHORT)
        REDACTOR.add(value)
        self._write({**(self._values() if self._need_file().exists() else {}), name: value})

    def remove(self, name: str) -> None:
        checked(name)
        values = self._values() if self._need_file().exists() else {}
        if name not in values:
            raise SecretsError(f"there is no secret `{name}` in {self._need_file().name}")
        self._write({other: value for other, value in values.items() if other != name})

    def _need_file(self) -> Path:
        if self._file is None:
            raise SecretsError("no file for secrets is configured", "name one with `--file`")
        return self._file

    def _values(self) -> dict[str, str]:
        if self._opened is None:
            self._opened = opened(self._need_file(), self._passphrase())
        return self._opened

    def _write(self, values: dict[str, str]) -> None:
        file = self._need_file()
        sealed(file, values, self._passphrase())
        self._opened = values


def variable(name: str) -> str:
    return PREFIX + name.upper()


def checked(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise SecretsError(
            "a secret's name has small letters, digits and `_`, begins with a letter, and is no longer than 64",
            "such as `binance_key`",
        )
    return name


def passphrase_from(environment: Mapping[str, str]) -> str:
    """Of the environment, or of the file that the environment names. Raises SecretsError."""
    if value := environment.get(PASSPHRASE):
        REDACTOR.add(value)
        return value
    if name := environment.get(PASSPHRASE_FILE):
        path = Path(name)
        private(path)
        try:
            value = path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as problem:
            raise SecretsError(f"{path.name} cannot be read: {_words(problem)}") from None
        if value:
            REDACTOR.add(value)
            return value
    raise SecretsError(
        "the passphrase of the secrets' file is not known",
        f"set {PASSPHRASE}, or {PASSPHRASE_FILE} to a file that holds it",
    )


def private(path: Path) -> None:
    """Raises SecretsError unless `path` is a plain file that nobody else can read or change."""
    try:
        found = path.stat()
    except OSError as problem:
        raise SecretsError(f"{path.name} cannot be read: {_words(problem)}") from None
    if not stat.S_ISREG(found.st_mode):
        raise SecretsError(f"{path.name} is not a plain file")
    if os.name == "posix":
        if found.st_mode & 0o077:
            raise SecretsError(
                f"others can read {path.name} (mode {found.st_mode & 0o777:o})", f"chmod 600 {path.name}"
            )
        if found.st_uid not in (os.geteuid(), 0):
            raise SecretsError(f"{path.name} belongs to somebody else", "chown it to the user who runs this")


def opened(file: Path, passphrase: str) -> dict[str, str]:
    """The names and values of a file. Raises SecretsError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    private(file)
    if file.stat().st_size > LARGEST:
        raise SecretsError(f"{file.name} is larger than {LARGEST >> 10} KiB: it is no file of secrets")
    broken = SecretsError(f"{file.name} is not a file of secrets, or it is damaged", "restore it, or begin a new one")
    try:
        outer = json.loads(file.read_text("utf-8"))
        header, nonce, data = outer["header"], base64.b64decode(outer["nonce"]), base64.b64decode(outer["data"])
        salt, cost = base64.b64decode(header["salt"]), {name: header[name] for name in COST}
    except (OSError, ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise broken from None
    if header.get("format") != FORMAT or not all(type(value) is int for value in cost.values()):
        raise broken
    if not (2**14 <= cost["n"] <= DEAREST and 8 <= cost["r"] <= 16 and 1 <= cost["p"] <= 4 and len(nonce) == 12):
        raise broken
    try:
        plain = AESGCM(_key(passphrase, salt, cost)).decrypt(nonce, data, _canonical(header))
    except InvalidTag:
        raise SecretsError(f"the passphrase is wrong, or {file.name} was changed without it") from None
    except ValueError:
        raise broken from None
    values: dict[str, str] = json.loads(plain)
    return values


def sealed(file: Path, values: Mapping[str, str], passphrase: str) -> None:
    """Write a file that only its owner can read; the old one stays whole until the new one is."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(passphrase) < SHORTEST:
        raise SecretsError(f"a passphrase has at least {SHORTEST} characters")
    salt, nonce = randomness.token_bytes(16), randomness.token_bytes(12)
    header = {"format": FORMAT, "kdf": "scrypt", "salt": _base64(salt), **COST}
    data = AESGCM(_key(passphrase, salt, COST)).encrypt(nonce, json.dumps(dict(values)).encode(), _canonical(header))
    text = json.dumps({"header": header, "nonce": _base64(nonce), "data": _base64(data)}, indent=1)
    write_private(file, text + "\n")


def write_private(file: Path, text: str) -> None:
    """Replace `file` by one with mode 600, on disk when this returns. Raises SecretsError."""
    name = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # made with mode 600
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)
    except OSError as problem:
        if name:
            Path(name).unlink(missing_ok=True)
        raise SecretsError(f"{file.name} cannot be written: {_words(problem)}") from None


def _key(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(passphrase.encode())


def _canonical(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _words(problem: Exception) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or type(problem).__name__
