"""Begin and end of a session, the folders of the workspace, and its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lingua_lsp.documents import path_of

if TYPE_CHECKING:
    from lingua_lsp.server import LinguaServer


def register(server: LinguaServer) -> None:
    @server.on(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        encoding = server.workspace.position_encoding
        server.documents.encoding = types.PositionEncodingKind(encoding).value if encoding is not None else "utf-16"
        server.settings.take(server.plain(params.initialization_options))
        folders = [folder.uri for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [params.root_uri]
        server.space.folders = [path for path in map(path_of, folders) if path is not None]

    @server.on(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        warm_up()
        workspace = server.client_capabilities.workspace
        watches = workspace.did_change_watched_files if workspace is not None else None
        if watches is not None and watches.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob_pattern="**/*.lingua")]
            await server.client_register_capability_async(
                types.RegistrationParams(
                    [
                        types.Registration(
                            "lingua-files",
                            types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                            types.DidChangeWatchedFilesRegistrationOptions(watchers),
                        )
                    ]
                )
            )

    @server.on(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {path_of(folder.uri) for folder in params.event.removed}
        more = [path for path in (path_of(folder.uri) for folder in params.event.added) if path is not None]
        server.space.folders = [path for path in server.space.folders if path not in gone] + more

    @server.on(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        server.settings.take(server.plain(params.settings))

    @server.on(types.SHUTDOWN)
    def shutdown(params: None) -> None:
        server.stop_workers()


def warm_up() -> None:
    """Do once, before anybody waits for it, what is slow the first time: the tables of the parser and of indicators."""
    from lingua.analysis.completions import builtin_functions
    from lingua.analysis.hovers import hover
    from lingua.analysis.view import View
    from lingua.syntax.source import Source

    builtin_functions()
    text = "strategy S { let a = ema(close, 20) rule r: a > close => buy 10% with stop 2% }"
    hover(View(Source("", text)), text.index("ema"))
