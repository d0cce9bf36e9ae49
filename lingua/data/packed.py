"""The bytes of a text file, unpacked and decoded."""

from __future__ import annotations

import io
from pathlib import Path

from lingua.data.errors import DataError

LARGEST_UNPACKED = 4_000_000_000


def unpacked(path: Path) -> bytes:
    """The content of a file, of the gzip stream, or of the only text file in a zip archive. Raises DataError."""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        return _of_gzip(raw, str(path))
    if raw[:4] == b"PK\x03\x04":
        return _of_zip(raw, str(path))
    return raw


def _of_gzip(raw: bytes, source: str) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.open(io.BytesIO(raw)) as file:
            content = file.read(LARGEST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise DataError("the gzip file is damaged", file=source, mend="fetch it again") from None
    return _bounded(content, source)


def _of_zip(raw: bytes, source: str) -> bytes:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [
                each.filename for each in archive.infolist()
                if not each.is_dir() and not each.filename.startswith(("__MACOSX/", "."))
            ]  # fmt: skip
            if len(names) != 1:
                shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
                raise DataError(
                    f"the archive holds {len(names)} files{': ' * bool(names)}{shown}", file=source,
                    mend="unpack it and name one of them; `--data` takes a folder too",
                )  # fmt: skip
            with archive.open(names[0]) as file:
                content = file.read(LARGEST_UNPACKED + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        # RuntimeError: it asks for a password; NotImplementedError: a way of packing that Python does not know.
        raise DataError(
            "the zip file is damaged or locked", file=source, mend="fetch it again, or unpack it yourself"
        ) from None
    return _bounded(content, source)


def _bounded(content: bytes, source: str) -> bytes:
    if len(content) > LARGEST_UNPACKED:
        raise DataError("unpacked it is larger than 4 GB", file=source, mend="use Parquet")
    return content


def decoded(raw: bytes, source: str) -> str:
    """UTF-8, UTF-16 with its mark, or Windows text whose header alone is not ASCII (`Eröffnung`). Raises DataError."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError:
            raise DataError("this is not UTF-16 text", file=source, mend="save the file as UTF-8") from None
    if b"\0" in raw[:65_536] or raw[:4] == b"PAR1":
        raise DataError("this is a binary file, not text", file=source, mend="give a CSV, or name it by its format")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        header, _, body = raw.partition(b"\n")
        if body.isascii() and body:
            return header.decode("cp1252", "replace") + "\n" + body.decode("ascii")
        row = raw[: problem.start].count(b"\n") + 1
        raise DataError("a byte is not UTF-8 text", file=source, rows=[row], mend="save the file as UTF-8") from None
