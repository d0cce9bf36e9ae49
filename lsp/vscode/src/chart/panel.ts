// The chart beside the editor: one for each file, drawn anew when the file is saved, following the cursor's rule.
import { randomBytes } from "node:crypto";
import {
  commands, Range as EditorRange, Selection, TextEditorRevealType, Uri, ViewColumn, window, workspace, type Disposable, type ExtensionContext,
  type TextDocument, type TextEditor, type WebviewPanel,
} from "vscode";
import type { Server } from "../client";
import { ruleAt, strategyAt, type Outline, type Range } from "../cursor";
import { chartSettings } from "../settings";
import type { ChartData, Decision, ToEditor, ToPage } from "./model";

const FOLLOW_MS = 120;

class Chart {
  strategy: string;
  private rule: string | null = null;
  private hasData = false;
  private isStale = false;
  private readonly ready: Promise<void>;
  private setReady: () => void = () => undefined;

  constructor(readonly uri: Uri, strategy: string, readonly panel: WebviewPanel, private readonly server: Server) {
    this.strategy = strategy;
    this.ready = new Promise((done) => (this.setReady = done));
    panel.webview.onDidReceiveMessage((message: ToEditor) => void this.heard(message));
  }

  async say(message: ToPage): Promise<void> {
    await this.ready;
    await this.panel.webview.postMessage(message);
  }

  /** Run the strategy and draw it. */
  async draw(isNew: boolean): Promise<ChartData | undefined> {
    await this.say({ type: "busy" });
    const found = await this.server.ask("lingua.chart", { uri: this.uri.toString(), strategy: this.strategy });
    if (typeof found.problem === "string") {
      await this.say({ type: "problem", text: found.problem, help: typeof found.help === "string" ? found.help : "", missing: found.missing === true });
      return undefined;
    }
    const data = found as unknown as ChartData;
    this.strategy = data.strategy;
    this.panel.title = `${data.strategy}: chart`;
    this.hasData = true;
    this.isStale = false;
    await this.say({ type: "chart", data, isNew });
    if (this.rule) await this.say({ type: "rule", rule: this.rule });
    await commands.executeCommand("setContext", "lingua.charted", true);
    return data;
  }

  async changed(): Promise<void> {
    if (this.isStale || !this.hasData) return;
    this.isStale = true;
    await this.say({ type: "stale" });
  }

  /** The cursor stands on a rule (of this strategy), or on none. */
  async follow(rule: string | null): Promise<void> {
    if (rule === this.rule) return;
    this.rule = rule;
    if (this.hasData) await this.say({ type: "rule", rule });
  }

  /** Why each rule acted on a bar or did not. */
  async explain(symbol: number, bar: number): Promise<readonly Decision[]> {
    const found = await this.server.ask("lingua.explain", { uri: this.uri.toString(), strategy: this.strategy, bar, symbol_number: symbol });
    if (typeof found.problem === "string") {
      void window.showErrorMessage(`Lingua: ${found.problem}`);
      return [];
    }
    const told = found.told as readonly Decision[];
    await this.say({ type: "told", symbol, bar, told });
    return told;
  }

  private async heard(message: ToEditor): Promise<void> {
    if (message.type === "ready") this.setReady();
    else if (message.type === "bar") await this.explain(message.symbol, message.bar);
    else if (message.type === "rule") await this.reveal(message.rule);
    else if (message.type === "run") await this.draw(false);
    else if (message.type === "report") await commands.executeCommand("lingua.openReport", this.uri, this.strategy);
    else await commands.executeCommand("lingua.chooseBars", this.uri, this.strategy);
  }

  /** Put the cursor on a rule in the editor. */
  private async reveal(rule: string): Promise<void> {
    const outline = await this.server.outline(this.uri);
    const strategy = outline.strategies.find((each) => each.name === this.strategy);
    const found = strategy?.rules.find((each) => each.name === rule);
    if (!found) return;
    const open = window.visibleTextEditors.find((each) => each.document.uri.toString() === this.uri.toString());
    const editor = await window.showTextDocument(this.uri, { viewColumn: open?.viewColumn ?? ViewColumn.One, preserveFocus: true });
    const range = rangeOf(found.at);
    this.rule = rule;
    editor.selection = new Selection(range.start, range.start);
    editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
  }
}

/** Every open chart, by the address of its file. */
export class Charts implements Disposable {
  private readonly open = new Map<string, Chart>();
  private readonly listeners: Disposable[] = [];
  private readonly outlines = new Map<string, { version: number; outline: Outline }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: ExtensionContext, private readonly server: Server) {
    this.listeners.push(
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.followSoon(textEditor)),
      workspace.onDidSaveTextDocument((document) => void this.saved(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) void this.open.get(document.uri.toString())?.changed();
      }),
    );
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const each of [...this.listeners, ...[...this.open.values()].map((chart) => chart.panel)]) each.dispose();
  }

  get(uri: Uri): Chart | undefined {
    return this.open.get(uri.toString());
  }

  /** Open the chart of a strategy beside its text, or draw it anew. */
  async show(uri: Uri, strategy: string): Promise<ChartData | undefined> {
    const known = this.open.get(uri.toString());
    if (known) {
      const isOther = known.strategy !== strategy;
      known.strategy = strategy;
      known.panel.reveal(undefined, true);
      return known.draw(isOther);
    }
    const page = Uri.joinPath(this.context.extensionUri, "dist", "chart");
    const panel = window.createWebviewPanel("lingua.chart", `${strategy}: chart`, { viewColumn: ViewColumn.Beside, preserveFocus: true }, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [page],
    });
    panel.iconPath = Uri.joinPath(this.context.extensionUri, "media", "file.svg");
    const chart = new Chart(uri, strategy, panel, this.server);
    this.open.set(uri.toString(), chart);
    panel.onDidDispose(() => this.open.delete(uri.toString()));
    panel.webview.html = html(panel, page);
    const editor = window.visibleTextEditors.find((each) => each.document.uri.toString() === uri.toString());
    const found = await chart.draw(true);
    if (editor) await this.follow(editor);
    return found;
  }

  /** The debugger stands on another bar. */
  async stoppedAt(uri: Uri, symbol: number, bar: number): Promise<void> {
    await this.open.get(uri.toString())?.say({ type: "bar", symbol, bar });
  }

  private async saved(document: TextDocument): Promise<void> {
    const chart = this.open.get(document.uri.toString());
    if (chart && chartSettings(document.uri).refreshOnSave) await chart.draw(false);
  }

  private followSoon(editor: TextEditor): void {
    if (!this.open.has(editor.document.uri.toString())) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(editor), FOLLOW_MS);
  }

  private async follow(editor: TextEditor): Promise<void> {
    const chart = this.open.get(editor.document.uri.toString());
    if (!chart) return;
    const found = ruleAt(await this.outline(editor.document), editor.selection.active);
    await chart.follow(found && found.strategy.name === chart.strategy ? found.rule.name : null);
  }

  private async outline(document: TextDocument): Promise<Outline> {
    const key = document.uri.toString();
    const known = this.outlines.get(key);
    if (known?.version === document.version) return known.outline;
    const version = document.version;
    const outline = await this.server.outline(document.uri);
    this.outlines.set(key, { version, outline });
    return outline;
  }
}

export async function strategyAtCursor(server: Server, editor: TextEditor): Promise<string | undefined> {
  return strategyAt(await server.outline(editor.document.uri), editor.selection.active)?.name;
}

export function rangeOf(range: Range): EditorRange {
  return new EditorRange(range.start.line, range.start.character, range.end.line, range.end.character);
}

function html(panel: WebviewPanel, page: Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const at = (name: string) => panel.webview.asWebviewUri(Uri.joinPath(page, name)).toString();
  const source = panel.webview.cspSource;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${source} 'unsafe-inline'; script-src 'nonce-${nonce}'; img-src ${source} data:;">
<link rel="stylesheet" href="${at("view.css")}">
<title>Chart</title>
</head>
<body>
<header><span id="figures"></span><span id="stale">before the last change</span>
<span id="tools"><button id="all" title="the whole run">All</button><button id="run" title="run it again">Run</button><button id="report" title="write the whole report and open it">Report</button></span></header>
<div id="problem"><span id="problem-text"></span><p id="problem-help"></p><button id="bars" hidden>Choose a price file…</button></div>
<div id="bar"><span id="symbols"></span><span id="rules"></span></div>
<div id="legend"></div>
<div id="chart"></div>
<div id="told" hidden></div>
<script nonce="${nonce}" src="${at("lightweight-charts.js")}"></script>
<script nonce="${nonce}" src="${at("view.js")}"></script>
</body>
</html>`;
}
