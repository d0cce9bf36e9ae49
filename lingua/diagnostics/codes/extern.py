"""L10xx: extern."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR = Severity.ERROR

EXTERN_SOURCE = Code("L1001", "extern-source", ERROR, "`{source}` is neither an ONNX model nor a Python file")
EXTERN_TYPE = Code("L1002", "extern-type", ERROR, "`{type}` cannot be handed to an extern function")
EXTERN_WINDOW = Code("L1003", "extern-window", ERROR, "{cause}")
EXTERN_RETURN = Code(
    "L1004", "extern-return", ERROR, "an extern function returns one number, truth or whole number, not `{type}`"
)
EXTERN_PATH = Code("L1005", "extern-path", ERROR, "`{source}` leaves the project: {why}")
