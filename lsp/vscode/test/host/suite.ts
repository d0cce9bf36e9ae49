// Runs inside VS Code's extension host, with the extension installed: what a user would do, through the editor's own commands.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../src/extension";

const PROGRAM = `strategy Swing {
  trade AAA @ 1d
  param length = 5 in 2..9
  let fast = ema(close, length)
  let slow = ema(close, 15)
  rule enter: fast crosses above slow => buy 50% with stop 10%
  rule leave: fast crosses below slow => sell
}

test "a rise is bought" for Swing {
  given lead = 30
  given close = [100, 101, 103, 106, 110, 115]
  expect eventually position > 0
}
`;

const tests: [string, () => Promise<void>][] = [];
const test = (name: string, act: () => Promise<void>) => tests.push([name, act]);
const folder = () => vscode.workspace.workspaceFolders![0]!.uri.fsPath;
let api: Api;
let document: vscode.TextDocument;

export async function run(): Promise<void> {
  project();
  const extension = vscode.extensions.getExtension<Api>("lingua-trading.lingua");
  assert.ok(extension, "the extension is installed");
  api = await extension.activate();
  document = await open("swing.lingua");
  let failed = 0;
  for (const [name, act] of tests) {
    const began = Date.now();
    try {
      await act();
      console.log(`ok   ${name} (${Date.now() - began} ms)`);
    } catch (fault) {
      failed += 1;
      console.log(`FAIL ${name}: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    }
  }
  if (failed > 0) throw new Error(`${failed} of ${tests.length} failed`);
  console.log(`${tests.length} passed`);
}

function project(): void {
  const rows = ["time,open,high,low,close,volume"];
  for (let day = 0; day < 300; day++) {
    const value = 100 + 20 * Math.sin(day / 12) + day / 20;
    const stamp = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
    rows.push([stamp, value.toFixed(2), (value + 1).toFixed(2), (value - 1).toFixed(2), (value + 0.5).toFixed(2), 1000].join(","));
  }
  writeFileSync(join(folder(), "AAA.csv"), rows.join("\n") + "\n");
  writeFileSync(join(folder(), "lingua.toml"), '[symbols.AAA]\nfile = "AAA.csv"\ncalendar = "24x7"\n');
  writeFileSync(join(folder(), "swing.lingua"), PROGRAM);
}

async function open(name: string): Promise<vscode.TextDocument> {
  const found = await vscode.workspace.openTextDocument(vscode.Uri.file(join(folder(), name)));
  await vscode.window.showTextDocument(found, vscode.ViewColumn.One);
  return found;
}

async function until<T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 150; tries++) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`never: ${what}`);
}

const place = (text: string, after = 0) => document.positionAt(document.getText().indexOf(text) + after);
const ask = <T>(command: string, ...given: unknown[]) => vscode.commands.executeCommand<T>(command, ...given);

async function put(text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
}

test("the server runs, of the Python that the setting names", async () => {
  assert.ok(api.server.isRunning);
  assert.match(api.server.launcher?.version ?? "", /^\d/);
});

test("a program is laid out with two blanks", async () => {
  assert.equal(vscode.workspace.getConfiguration("editor", { languageId: "lingua" }).get("tabSize"), 2);
});

test("a mistake is shown, and its mend mends it", async () => {
  await put(PROGRAM.replace("fast crosses above slow", "fast > close[-1]"));
  const [problem] = await until("a diagnostic", () => {
    const found = vscode.languages.getDiagnostics(document.uri).filter((each) => each.severity === vscode.DiagnosticSeverity.Error);
    return found.length > 0 && found;
  });
  const code = problem!.code;
  assert.equal(typeof code === "object" ? code.value : code, "L0301");
  const actions = await ask<vscode.CodeAction[]>("vscode.executeCodeActionProvider", document.uri, problem!.range, vscode.CodeActionKind.QuickFix.value);
  const mend = actions.find((each) => each.isPreferred);
  assert.ok(mend?.edit);
  await vscode.workspace.applyEdit(mend.edit);
  assert.match(document.getText(), /fast > close\[1\]/);
  await until("no error", () => vscode.languages.getDiagnostics(document.uri).every((each) => each.severity !== vscode.DiagnosticSeverity.Error));
  await put(PROGRAM);
});

test("completion offers verbs behind the arrow, with documentation", async () => {
  const found = await ask<vscode.CompletionList>("vscode.executeCompletionItemProvider", document.uri, place("=> buy", 3), undefined, 5);
  const labels = found.items.map((each) => (typeof each.label === "string" ? each.label : each.label.label));
  for (const verb of ["buy", "sell", "short", "close"]) assert.ok(labels.includes(verb), labels.join(" "));
});

test("hover, definition, references, symbols, hints, lenses, links, folding, selection", async () => {
  const [hover] = await ask<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, place("ema("));
  assert.match((hover!.contents[0] as vscode.MarkdownString).value, /ema/);
  const [definition] = await ask<(vscode.Location | vscode.LocationLink)[]>("vscode.executeDefinitionProvider", document.uri, place("length)"));
  assert.equal(("range" in definition! ? definition.range : definition!.targetRange).start.line, 2);
  assert.equal((await ask<vscode.Location[]>("vscode.executeReferenceProvider", document.uri, place("fast ="))).length, 3);
  const [strategy] = await ask<vscode.DocumentSymbol[]>("vscode.executeDocumentSymbolProvider", document.uri);
  assert.equal(strategy!.name, "Swing");
  const hints = await ask<vscode.InlayHint[]>("vscode.executeInlayHintProvider", document.uri, new vscode.Range(0, 0, document.lineCount, 0));
  assert.ok(hints.some((each) => each.label === ": price"));
  const lenses = await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 20);
  assert.ok(lenses.some((each) => each.command?.title.startsWith("▶ backtest")));
  assert.ok(lenses.some((each) => each.command?.title.startsWith("▶ test")));
  assert.ok((await ask<vscode.FoldingRange[]>("vscode.executeFoldingRangeProvider", document.uri)).length >= 2);
  assert.ok((await ask<vscode.SelectionRange[]>("vscode.executeSelectionRangeProvider", document.uri, [place("close, length")]))[0]!.parent);
});

test("semantic colours tell a rule from a name", async () => {
  const legend = await ask<vscode.SemanticTokensLegend>("vscode.provideDocumentSemanticTokensLegend", document.uri);
  const tokens = await ask<vscode.SemanticTokens>("vscode.provideDocumentSemanticTokens", document.uri);
  const kinds = new Set<string>();
  for (let at = 3; at < tokens.data.length; at += 5) kinds.add(legend.tokenTypes[tokens.data[at]!]!);
  for (const kind of ["keyword", "event", "class", "function", "parameter"]) assert.ok(kinds.has(kind), [...kinds].join(" "));
});

test("a rename changes every place, the layout is put right", async () => {
  const edit = await ask<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", document.uri, place("fast ="), "quick");
  await vscode.workspace.applyEdit(edit);
  assert.equal(document.getText().split("quick").length, 4);
  await put(PROGRAM.replace("let fast =", "let    fast="));
  const edits = await ask<vscode.TextEdit[]>("vscode.executeFormatDocumentProvider", document.uri, { tabSize: 2, insertSpaces: true });
  const whole = new vscode.WorkspaceEdit();
  whole.set(document.uri, edits);
  await vscode.workspace.applyEdit(whole);
  assert.match(document.getText(), /\n {2}let fast = ema/);
  await put(PROGRAM);
  await document.save();
});

test("the chart opens beside the text, follows the cursor and tells why", async () => {
  const run = await api.server.ask("lingua.chart", { uri: document.uri.toString(), strategy: "Swing" });
  assert.equal(run.problem, undefined);
  const data = await api.charts.show(document.uri, "Swing");
  assert.ok(data, "a chart");
  assert.ok(data.trades >= 2, `${data.trades} trades`);
  assert.equal(data.fired_bars.enter?.[0]?.length, data.fired.enter);
  const tab = vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((each) => each.label === "Swing: chart");
  assert.ok(tab && tab.group.viewColumn !== vscode.ViewColumn.One);
  const bar = data.fired_bars.enter![0]![0]!;
  const told = await api.charts.get(document.uri)!.explain(0, bar);
  assert.deepEqual(told.map((each) => [each.rule, each.verdict]), [["enter", "fired"], ["leave", "false"]]);
});

test("the chart is drawn anew when the file is saved", async () => {
  const chart = api.charts.get(document.uri)!;
  await put(PROGRAM.replace("strategy Swing", "strategy Other").replace("for Swing", "for Other"));
  chart.strategy = "Other";
  await document.save();
  await until("the other chart", () => vscode.window.tabGroups.all.flatMap((group) => group.tabs).some((each) => each.label === "Other: chart"));
  await put(PROGRAM);
  chart.strategy = "Swing";
  await document.save();
  await until("the chart again", () => vscode.window.tabGroups.all.flatMap((group) => group.tabs).some((each) => each.label === "Swing: chart"));
});

test("the tests of the file run from the command, and the lens says so", async () => {
  await ask("lingua.runTests");
  await until("a passed lens", async () => {
    const lenses = await ask<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 20);
    return lenses.some((each) => each.command?.title === "▶ test ✓ passed");
  });
});

test("the debugger stops on `bar == 120`, steps forward and back, and tells values", async () => {
  const line = place("rule leave").line;
  const at = new vscode.SourceBreakpoint(new vscode.Location(document.uri, new vscode.Position(line, 0)), true, "bar == 120");
  vscode.debug.addBreakpoints([at]);
  await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
  const stopped = () => until("a stop", () => vscode.debug.activeStackItem instanceof vscode.DebugStackFrame && vscode.debug.activeStackItem);
  const barOf = async (session: vscode.DebugSession) => {
    const { stackFrames } = (await session.customRequest("stackTrace", { threadId: 1 })) as { stackFrames: { id: number; name: string; line: number }[] };
    return { bar: Number(/ bar (\d+)/.exec(stackFrames[0]!.name)?.[1]), line: stackFrames[0]!.line, frame: stackFrames[0]!.id };
  };
  await vscode.debug.startDebugging(vscode.workspace.workspaceFolders![0], { type: "lingua", request: "launch", name: "t", program: document.fileName, stopOnEntry: false });
  await stopped();
  const session = vscode.debug.activeDebugSession!;
  assert.deepEqual((({ bar, line: found }) => [bar, found])(await barOf(session)), [120, line + 1]);
  const { frame } = await barOf(session);
  const told = (await session.customRequest("evaluate", { expression: "fast - slow", frameId: frame, context: "watch" })) as { result: string };
  assert.ok(Number.isFinite(Number(told.result)), told.result);
  await ask("workbench.action.debug.stepOver");
  await until("the next bar", async () => (await barOf(session)).bar === 121);
  await ask("workbench.action.debug.stepBack");
  await until("the bar before", async () => (await barOf(session)).bar === 120);
  await vscode.debug.stopDebugging(session);
  vscode.debug.removeBreakpoints([at]);
});

test("the server starts anew and answers again", async () => {
  await ask("lingua.restartServer");
  await until("running", () => api.server.isRunning);
  const outline = await api.server.outline(document.uri);
  assert.deepEqual(outline.strategies[0]?.rules.map((each) => each.name), ["enter", "leave"]);
  assert.equal(outline.tests.length, 1);
});
