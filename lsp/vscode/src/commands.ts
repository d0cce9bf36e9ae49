// What the user can do from the palette, the buttons of the editor and the lenses.
import { dirname, join } from "node:path";
import { commands, Uri, ViewColumn, window, workspace, type Disposable, type TextEditor } from "vscode";
import { chooseBars, knownSymbols } from "./bars";
import { percent } from "./chart/model";
import { strategyAtCursor, type Charts } from "./chart/panel";
import { openOutside, type Server } from "./client";
import { ruleAt, strategyAt } from "./cursor";
import { debugStrategy } from "./debug";
import { choosePython, install, run } from "./python";
import { chartSettings } from "./settings";
import type { Testing } from "./testing";
import type { Told } from "./told";

const TEMPLATES = [
  { label: "trend", detail: "buy when a fast average crosses above a slow one" },
  { label: "reversion", detail: "buy an excess that has begun to fade" },
  { label: "breakout", detail: "buy when the price leaves its range" },
];

interface Parts {
  readonly server: Server;
  readonly charts: Charts;
  readonly testing: Testing;
  readonly told: Told;
}

export function registerCommands(parts: Parts): Disposable[] {
  const { server, charts } = parts;
  const on = (name: string, act: (...given: never[]) => unknown) => commands.registerCommand(name, act);
  const inProgram = (name: string, act: (editor: TextEditor) => unknown) =>
    on(name, () => {
      const editor = programInFront();
      return editor ? act(editor) : window.showInformationMessage("Open a .lingua file first.");
    });
  return [
    inProgram("lingua.runBacktest", (editor) => backtest(parts, editor)),
    inProgram("lingua.showChart", async (editor) => {
      const strategy = await strategyHere(server, editor);
      if (strategy) await charts.show(editor.document.uri, strategy);
    }),
    inProgram("lingua.runTests", (editor) => parts.testing.runFile(editor.document.uri)),
    inProgram("lingua.explainRule", (editor) => explainRule(parts, editor)),
    inProgram("lingua.optimizeStrategy", (editor) => inTerminal(server, editor, "Optimise", "optimize")),
    inProgram("lingua.compileFile", (editor) => inTerminal(server, editor, "Compile", "build")),
    inProgram("lingua.formatFile", () => commands.executeCommand("editor.action.formatDocument")),
    inProgram("lingua.debugStrategy", (editor) => debugStrategy(server, editor)),
    on("lingua.openReport", (uri?: Uri, strategy?: string) => report(server, uri, strategy)),
    on("lingua.chooseBars", async (uri: Uri, strategy: string) => {
      if (await askForBars(server, uri, strategy)) await charts.show(uri, strategy);
    }),
    on("lingua.newStrategy", () => newStrategy(server)),
    on("lingua.selectPython", async () => {
      if (await choosePython()) await server.restart();
    }),
    on("lingua.install", async () => {
      if (await install()) await server.restart();
    }),
    on("lingua.restartServer", () => server.restart()),
    on("lingua.showLog", () => server.log.show()),
    on("lingua.showMenu", () => server.showMenu()),
    on("lingua.openSettings", () => commands.executeCommand("workbench.action.openSettings", "@ext:lingua-trading.lingua")),
    on("lingua.openWalkthrough", () => commands.executeCommand("workbench.action.openWalkthrough", "lingua-trading.lingua#first", false)),
  ];
}

export function programInFront(): TextEditor | undefined {
  const active = window.activeTextEditor;
  // A chart or a list of tests may be in front of the program it is of.
  return active?.document.languageId === "lingua" ? active : window.visibleTextEditors.find((each) => each.document.languageId === "lingua");
}

async function strategyHere(server: Server, editor: TextEditor): Promise<string | undefined> {
  const name = await strategyAtCursor(server, editor);
  if (!name) {
    const why = server.isRunning ? "there is no strategy in this file" : "the language server is not running";
    void window.showInformationMessage(`Lingua: ${why}.`);
  }
  return name;
}

/** Run the strategy at the cursor. With the chart: one run serves both. */
async function backtest(parts: Parts, editor: TextEditor): Promise<void> {
  const { server, charts } = parts;
  const uri = editor.document.uri;
  const strategy = await strategyHere(server, editor);
  if (!strategy) return;
  if (chartSettings(uri).openOnBacktest) {
    await charts.show(uri, strategy);
    return;
  }
  const found = await server.ask("lingua.backtest", { uri: uri.toString(), strategy });
  if (found.missing === true) await missing(parts, uri, strategy, String(found.problem));
  else if (found.problem) void window.showErrorMessage(problemOf(found));
  else void window.showInformationMessage(`${strategy}: ${percent(found.total_return as number | null, true)}, ${String(found.trades)} trades`);
}

/** The lens above a strategy was pressed: the server has run it, its chart comes with it. */
export async function afterBacktest(parts: Parts, argument: Record<string, unknown>, answer: Record<string, unknown>): Promise<void> {
  const uri = Uri.parse(String(argument.uri ?? ""));
  const strategy = String(answer.strategy ?? argument.strategy ?? "");
  if (answer.missing === true) await missing(parts, uri, strategy, String(answer.problem));
  else if (answer.problem) void window.showErrorMessage(problemOf(answer));
  else if (parts.charts.get(uri) || chartSettings(uri).openOnBacktest) await parts.charts.show(uri, strategy);
}

/** Why something did not run, and what to do about it, as one message. */
function problemOf(answer: Record<string, unknown>): string {
  return `Lingua: ${String(answer.problem)}.${answer.help ? ` ${String(answer.help)[0]?.toUpperCase()}${String(answer.help).slice(1)}.` : ""}`;
}

async function missing(parts: Parts, uri: Uri, strategy: string, why: string): Promise<void> {
  const chosen = await window.showErrorMessage(`Lingua: ${why}.`, "Choose a Price File…");
  if (chosen && (await askForBars(parts.server, uri, strategy))) await parts.charts.show(uri, strategy);
}

async function askForBars(server: Server, uri: Uri, strategy: string): Promise<boolean> {
  const outline = await server.outline(uri);
  const symbols = outline.strategies.find((each) => each.name === strategy)?.symbols ?? [];
  const known = await knownSymbols();
  const wanted = symbols.filter((each) => !known.includes(each));
  const symbol = wanted[0] ?? symbols[0] ?? (await window.showInputBox({ title: "Which symbol does the strategy trade?", value: "AAPL" }));
  return symbol ? chooseBars(uri, symbol) : false;
}

async function explainRule(parts: Parts, editor: TextEditor): Promise<void> {
  const { server } = parts;
  const document = editor.document;
  const found = ruleAt(await server.outline(document.uri), editor.selection.active);
  if (!found) {
    void window.showInformationMessage("Put the cursor on a rule first.");
    return;
  }
  const given = { uri: document.uri.toString(), strategy: found.strategy.name };
  const when = await window.showInputBox({
    title: `Why did ${found.rule.name} act, or not?`,
    prompt: "a bar's number or a time; −1 is the last bar; left empty: the last bar on which it was true",
    placeHolder: "2024-03-01 14:00",
  });
  if (when === undefined) return;
  const bar = when.trim().replace("−", "-") || (await lastTrue(server, given, found.rule.name));
  const answer = await server.ask("lingua.explain", { ...given, rule: found.rule.name, bar });
  if (typeof answer.problem === "string") {
    if (answer.missing === true) await missing(parts, document.uri, found.strategy.name, answer.problem);
    else void window.showErrorMessage(problemOf(answer));
    return;
  }
  await parts.told.show(`${found.rule.name}: why`, String(answer.text));
}

async function lastTrue(server: Server, given: Record<string, string>, rule: string): Promise<string> {
  const run = await server.ask("lingua.chart", given);
  const fired = (run.fired_bars as Record<string, number[][]> | undefined)?.[rule] ?? [];
  return String(Math.max(-1, ...fired.map((bars) => bars.at(-1) ?? -1)));
}

/** A command of the command line, where its progress and its tables can be read. */
async function inTerminal(server: Server, editor: TextEditor, title: string, command: string): Promise<void> {
  const document = editor.document;
  const cli = await commandLine(server);
  if (!cli || !(await saved(editor))) return;
  const outline = await server.outline(document.uri);
  const strategy = strategyAt(outline, editor.selection.active)?.name;
  const choice = strategy && outline.strategies.length > 1 ? ["--strategy", strategy] : [];
  await run(title, [...cli, command, document.fileName, ...choice], dirname(document.fileName));
}

async function report(server: Server, given?: Uri, named?: string): Promise<void> {
  const editor = programInFront();
  const uri = given ?? editor?.document.uri;
  const cli = await commandLine(server);
  if (!uri || !cli) return;
  await workspace.save(uri);
  const outline = await server.outline(uri);
  const strategy = named ?? (editor && strategyAt(outline, editor.selection.active)?.name);
  const choice = strategy && outline.strategies.length > 1 ? ["--strategy", strategy] : [];
  const target = uri.fsPath.replace(/\.lingua$/, "") + ".html";
  const isWritten = await run("Report", [...cli, "backtest", uri.fsPath, ...choice, "--report", target], dirname(uri.fsPath));
  if (isWritten) await openOutside(Uri.file(target));
}

async function commandLine(server: Server): Promise<readonly string[] | undefined> {
  await server.start();
  const cli = server.launcher?.cli ?? [];
  if (cli.length > 0) return cli;
  void window.showErrorMessage("Lingua: no Python here has Lingua, or the setting lingua.server.command names only a server.");
  return undefined;
}

async function saved(editor: TextEditor): Promise<boolean> {
  if (editor.document.isUntitled) {
    void window.showInformationMessage("Save the file first.");
    return false;
  }
  return editor.document.isDirty ? editor.document.save() : true;
}

async function newStrategy(server: Server): Promise<void> {
  const cli = await commandLine(server);
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (!cli) return;
  if (!folder) {
    void window.showInformationMessage("Open a folder first: the strategy is put there.");
    return;
  }
  const kind = await window.showQuickPick(TEMPLATES, { title: "New strategy (1 of 3): what kind?" });
  if (!kind) return;
  const name = await window.showInputBox({
    title: "New strategy (2 of 3): its name",
    value: "First",
    validateInput: (text) => (/^[A-Za-z_]\w*$/.test(text) ? undefined : "letters, digits and _, a letter first"),
  });
  if (!name) return;
  const symbol = await chooseSymbol();
  if (!symbol) return;
  const target = join(await folderInFront(folder), `${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase()}.lingua`);
  const [instrument = "", timeframe = "1d"] = symbol.split("@").map((part) => part.trim());
  const isWritten = await run("New Strategy", [...cli, "new", name, "--template", kind.label, "--symbol", instrument, "--timeframe", timeframe, "-o", target], folder, true);
  if (isWritten) await window.showTextDocument(Uri.file(target), { viewColumn: ViewColumn.One });
}

/** Where a new file goes: beside the program in front, else into the folder. */
async function folderInFront(folder: string): Promise<string> {
  const front = programInFront()?.document;
  return front && !front.isUntitled && front.uri.scheme === "file" ? dirname(front.fileName) : folder;
}

function chooseSymbol(): Promise<string | undefined> {
  return knownSymbols().then(
    (known) =>
      new Promise((done) => {
        const box = window.createQuickPick();
        const fill = () => {
          const typed = box.value.trim();
          box.items = [...(typed && !known.includes(typed) ? [typed] : []), ...known].map((label) => ({ label }));
        };
        box.title = "New strategy (3 of 3): what does it trade? `AAPL`, or with its bars `BTCUSDT @ 1h`";
        box.onDidChangeValue(fill);
        box.onDidAccept(() => {
          done(box.selectedItems[0]?.label ?? (box.value.trim() || undefined));
          box.hide();
        });
        box.onDidHide(() => {
          done(undefined);
          box.dispose();
        });
        fill();
        box.show();
      }),
  );
}
