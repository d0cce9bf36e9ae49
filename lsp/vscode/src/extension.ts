// Lingua in VS Code: the language server, the chart, the Testing view and the debugger.
import { Uri, window, workspace, type ExtensionContext } from "vscode";
import { Charts } from "./chart/panel";
import { Server } from "./client";
import { afterBacktest, registerCommands } from "./commands";
import { registerDebugger } from "./debug";
import { onOtherPython } from "./python";
import { Testing } from "./testing";
import { Told } from "./told";

/** What the extension's own tests look at. */
export interface Api {
  readonly server: Server;
  readonly charts: Charts;
}

export async function activate(context: ExtensionContext): Promise<Api> {
  const server = new Server();
  const charts = new Charts(context, server);
  const testing = new Testing(server);
  const told = new Told();
  const parts = { server, charts, testing, told };
  context.subscriptions.push(server, charts, testing, told, ...registerCommands(parts), ...registerDebugger(server, charts));
  server.onLens((command, argument, answer) => {
    if (command === "lingua.backtest") void afterBacktest(parts, argument, answer);
    else if (command === "lingua.test") testing.show(Uri.parse(String(argument.uri ?? "")), answer);
  });
  context.subscriptions.push(
    window.onDidChangeActiveTextEditor((editor) => server.showStatus(editor?.document.languageId === "lingua")),
    workspace.onDidGrantWorkspaceTrust(() => void server.start()),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("lingua.python") || change.affectsConfiguration("lingua.server.command")) void server.restart();
      else if (change.affectsConfiguration("lingua")) void server.configure();
    }),
  );
  server.onStart(() => void testing.lookEverywhere());
  await server.start();
  const other = await onOtherPython(() => void server.restart());
  if (other) context.subscriptions.push(other);
  return { server, charts };
}
