// The language server's life: found, started, watched, started anew.
import {
  commands, env, languages, LanguageStatusSeverity, MarkdownString, StatusBarAlignment, Uri, window, workspace,
  type Disposable, type LogOutputChannel, type StatusBarItem,
} from "vscode";
import { LanguageClient, State, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import type { Outline } from "./cursor";
import type { Launcher, Search } from "./environment";
import { choosePython, findLingua, install } from "./python";
import { serverSettings } from "./settings";

export const SELECTOR = [{ language: "lingua", scheme: "file" }, { language: "lingua", scheme: "untitled" }];
export type CommandListener = (command: string, argument: Record<string, unknown>, answer: Record<string, unknown>) => void;
type Phase = "looking" | "starting" | "running" | "stopped" | "missing" | "failed";

const LOOKS: Record<Phase, { icon: string; words: string }> = {
  looking: { icon: "$(sync~spin)", words: "looking for Lingua" },
  starting: { icon: "$(sync~spin)", words: "starting" },
  running: { icon: "$(pulse)", words: "running" },
  stopped: { icon: "$(circle-slash)", words: "stopped" },
  missing: { icon: "$(warning)", words: "no Python here has Lingua" },
  failed: { icon: "$(error)", words: "the language server does not start" },
};

/** The one server of a window. */
export class Server implements Disposable {
  launcher: Launcher | undefined;
  readonly log: LogOutputChannel;
  private readonly status: StatusBarItem;
  private readonly state = languages.createLanguageStatusItem("lingua.server", SELECTOR);
  private client: LanguageClient | undefined;
  private phase: Phase = "looking";
  private turn: Promise<void> = Promise.resolve();
  private hasOffered = false;
  private readonly listeners: CommandListener[] = [];
  private readonly starts: (() => void)[] = [];

  constructor() {
    this.log = window.createOutputChannel("Lingua", { log: true });
    this.status = window.createStatusBarItem("lingua.status", StatusBarAlignment.Right, 10);
    this.status.name = "Lingua";
    this.status.command = "lingua.showMenu";
    this.state.name = "Lingua";
    this.show("looking");
  }

  get isRunning(): boolean {
    return this.client?.state === State.Running;
  }

  /** Look for Lingua and start its server, if it does not run yet. Calls wait for one another. */
  start(): Promise<void> {
    this.turn = this.turn.then(() => (this.isRunning ? undefined : this.restartNow())).catch((fault: unknown) => this.failed(fault));
    return this.turn;
  }

  restart(): Promise<void> {
    this.turn = this.turn.then(() => this.restartNow()).catch((fault: unknown) => this.failed(fault));
    return this.turn;
  }

  /** Tell the server of settings that have changed. */
  async configure(): Promise<void> {
    if (this.isRunning) await this.client?.sendNotification("workspace/didChangeConfiguration", { settings: { lingua: serverSettings() } });
  }

  async dispose(): Promise<void> {
    await this.turn;
    await this.stopNow();
    this.status.dispose();
    this.state.dispose();
    this.log.dispose();
  }

  /** Be told each time the server has started. */
  onStart(listener: () => void): void {
    this.starts.push(listener);
  }

  /** Be told of every command of the server that a lens or an action has started. */
  onLens(listener: CommandListener): void {
    this.listeners.push(listener);
  }

  /** Ask the server to carry out a command. What it cannot do comes back as `problem`. */
  async ask(command: string, argument: Record<string, unknown>): Promise<Record<string, unknown>> {
    await this.turn;
    if (!this.client || !this.isRunning) return { problem: "the language server is not running" };
    const answer = await this.client.sendRequest<Record<string, unknown> | null>("workspace/executeCommand", { command, arguments: [argument] });
    return answer ?? {};
  }

  async outline(uri: Uri): Promise<Outline> {
    if (!this.isRunning) return { strategies: [], tests: [] };
    const found = await this.ask("lingua.outline", { uri: uri.toString() });
    return "strategies" in found ? (found as unknown as Outline) : { strategies: [], tests: [] };
  }

  async showMenu(): Promise<void> {
    const version = this.launcher?.version;
    const items = [
      { label: "$(refresh) Restart Server", command: "lingua.restartServer" },
      { label: "$(output) Show the Server's Log", command: "lingua.showLog" },
      { label: "$(symbol-misc) Choose the Python That Has Lingua", command: "lingua.selectPython" },
      ...(this.phase === "missing" ? [{ label: "$(cloud-download) Install Lingua", command: "lingua.install" }] : []),
      { label: "$(book) Write the First Strategy", command: "lingua.openWalkthrough" },
      { label: "$(gear) Settings", command: "lingua.openSettings" },
    ];
    const title = `Lingua${version ? ` ${version}` : ""}: ${LOOKS[this.phase].words}`;
    const chosen = await window.showQuickPick(items, { title });
    if (chosen) await commands.executeCommand(chosen.command);
  }

  private async restartNow(): Promise<void> {
    await this.stopNow();
    await this.startNow();
  }

  private async startNow(): Promise<void> {
    if (!workspace.isTrusted) return this.show("stopped");
    this.show("looking");
    const found = await findLingua();
    this.launcher = found.launcher;
    if (!found.launcher) {
      this.show("missing");
      void this.offer(found);
      return;
    }
    this.show("starting");
    this.log.info(`Lingua ${found.launcher.version}: ${found.launcher.server.join(" ")}`);
    const [command = "", ...args] = found.launcher.server;
    const server: ServerOptions = { command, args };
    this.client = new LanguageClient("lingua", "Lingua", server, this.options());
    this.client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.show("running");
      else if (newState === State.Starting) this.show("starting");
      else if (this.phase !== "missing") this.show("stopped");
    });
    await this.client.start();
    for (const listener of this.starts) listener();
  }

  private async stopNow(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) await client.stop(3000).catch((fault: unknown) => this.log.warn(String(fault)));
    await client?.dispose().catch((fault: unknown) => this.log.warn(String(fault)));
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: SELECTOR,
      outputChannel: this.log,
      initializationOptions: serverSettings(),
      middleware: {
        executeCommand: async (command, args, next) => {
          const answer: unknown = await next(command, args);
          const [argument] = args as [Record<string, unknown>?];
          if (answer && typeof answer === "object") this.tell(command, argument ?? {}, answer as Record<string, unknown>);
          return answer;
        },
      },
    };
  }

  private tell(command: string, argument: Record<string, unknown>, answer: Record<string, unknown>): void {
    for (const listener of this.listeners) listener(command, argument, answer);
  }

  private failed(fault: unknown): void {
    this.show("failed");
    this.log.error(fault instanceof Error ? fault : String(fault));
    void window.showErrorMessage("Lingua's language server does not start.", "Show the Log", "Choose a Python").then((chosen) => {
      if (chosen === "Show the Log") this.log.show();
      else if (chosen) void commands.executeCommand("lingua.selectPython");
    });
  }

  /** Say once that Lingua is missing, and offer to install it. */
  private async offer(found: Search): Promise<void> {
    if (this.hasOffered) return;
    this.hasOffered = true;
    const why = found.complaint ?? (found.partial ? `${found.partial.python} has Lingua without its language server` : "No Python here has Lingua");
    const chosen = await window.showWarningMessage(`${why[0]?.toUpperCase()}${why.slice(1)}.`, "Install Lingua", "Choose a Python");
    const isThere = chosen === "Install Lingua" ? await install(found.partial) : chosen ? await choosePython() : false;
    if (isThere) await this.restart();
  }

  private show(phase: Phase): void {
    this.phase = phase;
    const { icon, words } = LOOKS[phase];
    const version = this.launcher?.version ?? "";
    this.status.text = `${icon} Lingua`;
    this.status.tooltip = new MarkdownString(`**Lingua** ${version}: ${words}${this.launcher ? `\n\n\`${this.launcher.server.join(" ")}\`` : ""}`);
    this.state.text = `Lingua ${version}`.trim();
    this.state.detail = words;
    this.state.busy = phase === "looking" || phase === "starting";
    this.state.severity =
      phase === "failed" ? LanguageStatusSeverity.Error : phase === "missing" ? LanguageStatusSeverity.Warning : LanguageStatusSeverity.Information;
    this.state.command = { title: "Restart", command: "lingua.restartServer" };
    const isWanted = window.activeTextEditor?.document.languageId === "lingua" || phase === "missing" || phase === "failed";
    if (isWanted) this.status.show();
    void commands.executeCommand("setContext", "lingua.running", phase === "running");
  }

  /** The status is there while a program is in front. */
  showStatus(isWanted: boolean): void {
    if (isWanted || this.phase === "missing" || this.phase === "failed") this.status.show();
    else this.status.hide();
  }
}

/** A page of the documentation outside the editor. */
export function openOutside(file: Uri): Thenable<boolean> {
  return env.openExternal(file);
}
