"""L09xx: imports and editions."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

UNKNOWN_EDITION = Code("L0901", "unknown-edition", ERROR, "there is no edition {number} of the language")
EDITION_PLACE = Code("L0902", "edition-place", WARNING, "{cause}")
NOT_FOUND = Code("L0903", "import-not-found", ERROR, "`{path}` is not there")
PATH_ESCAPE = Code("L0904", "path-escape", ERROR, "`{path}` leaves the project: {why}")
IMPORT_CYCLE = Code("L0905", "import-cycle", ERROR, "{cause}")
NOT_A_PROGRAM = Code("L0906", "not-importable", ERROR, "`{path}` cannot be imported: {why}")
NO_FOLDER = Code(
    "L0907", "no-folder", ERROR, "`{path}` would be read from the folder of this program, and it is in none"
)
TOO_MANY_IMPORTS = Code("L0908", "too-many-imports", ERROR, "{what}")
IMPORT_CLASH = Code("L0909", "import-clash", ERROR, "`{name}` comes from `{first}` and from `{second}`")
