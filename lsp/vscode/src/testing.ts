// The `test` blocks of every file in the Testing view.
import {
  Location, Position, TestMessage, TestRunProfileKind, tests, Uri, window, workspace, type CancellationToken, type Disposable, type TestController, type TestItem,
  type TestRun, TestRunRequest,
} from "vscode";
import type { Server } from "./client";
import { rangeOf } from "./chart/panel";
import type { Range } from "./cursor";

interface Outcome {
  readonly title: string;
  readonly passed: boolean;
  readonly problem: string;
  readonly elapsed_s: number;
  readonly misses: readonly { readonly range: Range; readonly found: string }[];
}

const LOOK_AGAIN_MS = 300;

export class Testing implements Disposable {
  private readonly controller: TestController = tests.createTestController("lingua", "Lingua");
  private readonly listeners: Disposable[] = [this.controller];
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private readonly profile;

  constructor(private readonly server: Server) {
    this.profile = this.controller.createRunProfile("Run", TestRunProfileKind.Run, (request, token) => this.run(request, token), true);
    this.controller.resolveHandler = async (item) => (item ? this.look(item.uri!) : this.lookEverywhere());
    this.controller.refreshHandler = () => this.lookEverywhere();
    const watcher = workspace.createFileSystemWatcher("**/*.lingua");
    this.listeners.push(
      watcher,
      watcher.onDidCreate((uri) => this.lookSoon(uri)),
      watcher.onDidChange((uri) => this.lookSoon(uri)),
      watcher.onDidDelete((uri) => this.controller.items.delete(uri.toString())),
      workspace.onDidOpenTextDocument((document) => document.languageId === "lingua" && this.lookSoon(document.uri)),
      workspace.onDidChangeTextDocument(({ document }) => document.languageId === "lingua" && this.lookSoon(document.uri)),
    );
  }

  dispose(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    for (const each of this.listeners) each.dispose();
  }

  /** Once the server runs: every file of the workspace and every open text. */
  async lookEverywhere(): Promise<void> {
    const files = await workspace.findFiles("**/*.lingua", "**/{node_modules,.venv,venv}/**", 500);
    const open = workspace.textDocuments.filter((each) => each.languageId === "lingua" && !each.isUntitled).map((each) => each.uri);
    for (const uri of new Map([...files, ...open].map((each) => [each.toString(), each])).values()) await this.look(uri);
  }

  async runFile(uri: Uri): Promise<void> {
    await this.look(uri);
    const item = this.controller.items.get(uri.toString());
    if (!item) {
      void window.showInformationMessage("There are no tests in this file.");
      return;
    }
    await this.run(new TestRunRequest([item], undefined, this.profile));
  }

  /** A lens ran tests: its outcomes are shown as well. */
  show(uri: Uri, answer: Record<string, unknown>): void {
    const item = this.controller.items.get(uri.toString());
    const found = answer.tests as readonly Outcome[] | undefined;
    if (!item || !found) return;
    const run = this.controller.createTestRun(new TestRunRequest([item], undefined, this.profile));
    for (const outcome of found) {
      const test = childNamed(item, outcome.title);
      if (test) judge(run, test, outcome);
    }
    run.end();
  }

  private lookSoon(uri: Uri): void {
    const key = uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.set(key, setTimeout(() => {
      this.waiting.delete(key);
      void this.look(uri);
    }, LOOK_AGAIN_MS));
  }

  private async look(uri: Uri): Promise<void> {
    if (!this.server.isRunning) return;
    const outline = await this.server.outline(uri);
    const key = uri.toString();
    if (outline.tests.length === 0) {
      this.controller.items.delete(key);
      return;
    }
    const file = this.controller.items.get(key) ?? this.controller.createTestItem(key, workspace.asRelativePath(uri), uri);
    const seen = new Map<string, number>();
    const children = outline.tests.map((test) => {
      // Two tests may have one title.
      const nth = (seen.get(test.name) ?? 0) + 1;
      seen.set(test.name, nth);
      const item = this.controller.createTestItem(`${key}#${nth}#${test.name}`, test.name || "test", uri);
      item.range = rangeOf(test.range);
      item.description = test.strategy;
      return item;
    });
    file.children.replace(children);
    this.controller.items.add(file);
  }

  private async run(request: TestRunRequest, token?: CancellationToken): Promise<void> {
    const run = this.controller.createTestRun(request);
    const wanted: TestItem[] = [...(request.include ?? itemsOf(this.controller.items))];
    const files = new Map<TestItem, TestItem[]>();
    for (const item of wanted) {
      const file = item.parent ?? item;
      const tests = item.parent ? [item] : itemsOf(item.children);
      files.set(file, [...(files.get(file) ?? []), ...tests.filter((each) => !request.exclude?.includes(each))]);
    }
    for (const tests of files.values()) for (const test of tests) run.enqueued(test);
    for (const [file, tests] of files) {
      if (token?.isCancellationRequested || run.token.isCancellationRequested) break;
      await this.runTests(run, file, tests);
    }
    run.end();
  }

  private async runTests(run: TestRun, file: TestItem, wanted: readonly TestItem[]): Promise<void> {
    for (const test of wanted) run.started(test);
    // One of them is asked for by its title; others whose title holds it are run too.
    const only = wanted.length === 1 ? wanted[0]!.label : "";
    const answer = await this.server.ask("lingua.test", { uri: file.uri!.toString(), only });
    const outcomes = answer.tests as readonly Outcome[] | undefined;
    for (const test of wanted) {
      const outcome = outcomes?.filter((each) => each.title === test.label)[nthOf(test)];
      if (outcome) judge(run, test, outcome);
      else run.errored(test, new TestMessage(String(answer.problem ?? "the test did not run")));
    }
  }
}

function itemsOf(items: Iterable<[string, TestItem]>): TestItem[] {
  return [...items].map(([, item]) => item);
}

function childNamed(file: TestItem, title: string): TestItem | undefined {
  return itemsOf(file.children).find((each) => each.label === title);
}

/** Which of the tests of its title: the first is 0. */
function nthOf(test: TestItem): number {
  return Number(/#(\d+)#/.exec(test.id)?.[1] ?? 1) - 1;
}

function judge(run: TestRun, test: TestItem, outcome: Outcome): void {
  const took = 1000 * outcome.elapsed_s;
  if (outcome.passed) {
    run.passed(test, took);
    return;
  }
  const messages = outcome.misses.map((miss) => {
    const message = new TestMessage(miss.found);
    message.location = new Location(test.uri!, rangeOf(miss.range));
    return message;
  });
  if (outcome.problem) {
    const message = new TestMessage(outcome.problem);
    message.location = new Location(test.uri!, test.range ?? new Position(0, 0));
    messages.push(message);
  }
  run.failed(test, messages, took);
}
