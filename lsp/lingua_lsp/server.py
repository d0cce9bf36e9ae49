"""The server: what it knows of the workspace, and the features that are registered on it."""

from __future__ import annotations

from pygls.lsp.server import LanguageServer

from lingua import __version__
from lingua_lsp import diagnostics
from lingua_lsp.documents import Documents
from lingua_lsp.protocol import Protocol

FEATURES = (diagnostics,)


class LinguaServer(LanguageServer):
    """One client's server."""

    def __init__(self) -> None:
        super().__init__("lingua", __version__, protocol_cls=Protocol)
        self.documents = Documents()
        for feature in FEATURES:
            feature.register(self)

    @property
    def was_told_to_stop(self) -> bool:
        """Whether the client asked for the end before it left."""
        return bool(self.protocol._shutdown)
