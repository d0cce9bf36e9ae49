// The debugger: `lingua dap` is started, told which strategy, and what it shows is put beside the text and on the chart.
import {
  debug, DebugAdapterExecutable, EvaluatableExpression, InlineValueVariableLookup, languages, Range, Uri, window, workspace, type DebugAdapterDescriptor,
  type DebugAdapterDescriptorFactory, type DebugConfiguration, type DebugConfigurationProvider, type Disposable, type EvaluatableExpressionProvider,
  type InlineValue, type InlineValuesProvider, type Position, type ProviderResult, type TextDocument, type TextEditor, type WorkspaceFolder,
} from "vscode";
import { rangeOf, strategyAtCursor, type Charts } from "./chart/panel";
import { SELECTOR, type Server } from "./client";
import { expressionAt } from "./cursor";

export function registerDebugger(server: Server, charts: Charts): Disposable[] {
  return [
    debug.registerDebugAdapterDescriptorFactory("lingua", new Adapter(server)),
    debug.registerDebugConfigurationProvider("lingua", new Configurations(server)),
    hovers(),
    inlineValues(server),
    debug.onDidReceiveDebugSessionCustomEvent((event) => {
      if (event.session.type !== "lingua" || event.event !== "lingua/bar") return;
      const { program, symbol, bar } = event.body as { program: string; symbol: number; bar: number };
      void charts.stoppedAt(Uri.file(program), symbol, bar);
    }),
  ];
}

export async function debugStrategy(server: Server, editor: TextEditor): Promise<void> {
  const strategy = await strategyAtCursor(server, editor);
  if (editor.document.isUntitled) {
    void window.showInformationMessage("Save the file first.");
    return;
  }
  await debug.startDebugging(workspace.getWorkspaceFolder(editor.document.uri), {
    type: "lingua", request: "launch", name: strategy ?? "Lingua", program: editor.document.fileName, ...(strategy ? { strategy } : {}), stopOnEntry: true,
  });
}

class Adapter implements DebugAdapterDescriptorFactory {
  constructor(private readonly server: Server) {}

  async createDebugAdapterDescriptor(): Promise<DebugAdapterDescriptor> {
    await this.server.start();
    const [command, ...words] = this.server.launcher?.cli ?? [];
    if (!command) throw new Error("No Python here has Lingua, or the setting lingua.server.command names only a server.");
    return new DebugAdapterExecutable(command, [...words, "dap"]);
  }
}

class Configurations implements DebugConfigurationProvider {
  constructor(private readonly server: Server) {}

  provideDebugConfigurations(): DebugConfiguration[] {
    return [{ type: "lingua", request: "launch", name: "Strategy, bar by bar", program: "${file}", stopOnEntry: true }];
  }

  /** F5 without a launch.json: the program in front. */
  resolveDebugConfiguration(_: WorkspaceFolder | undefined, given: DebugConfiguration): DebugConfiguration | undefined {
    if (given.type) return given;
    const editor = window.activeTextEditor;
    if (editor?.document.languageId !== "lingua") return undefined;
    return { type: "lingua", request: "launch", name: "Strategy, bar by bar", program: editor.document.fileName, stopOnEntry: true };
  }

  async resolveDebugConfigurationWithSubstitutedVariables(_: WorkspaceFolder | undefined, given: DebugConfiguration): Promise<DebugConfiguration> {
    const editor = window.visibleTextEditors.find((each) => each.document.fileName === given.program);
    if (editor?.document.isDirty) await editor.document.save();
    const strategy = (given.strategy as string | undefined) ?? (editor && (await strategyAtCursor(this.server, editor)));
    return strategy ? { ...given, strategy } : given;
  }
}

function hovers(): Disposable {
  const provider: EvaluatableExpressionProvider = {
    provideEvaluatableExpression(document: TextDocument, position: Position): ProviderResult<EvaluatableExpression> {
      const found = expressionAt(document.lineAt(position.line).text, position.character);
      if (!found) return undefined;
      const range = new Range(position.line, found.from, position.line, found.from + found.text.length);
      return new EvaluatableExpression(range, found.text);
    },
  };
  return languages.registerEvaluatableExpressionProvider(SELECTOR, provider);
}

/** Behind each definition its value at the bar the debugger stands on. */
function inlineValues(server: Server): Disposable {
  const provider: InlineValuesProvider = {
    async provideInlineValues(document: TextDocument, view: Range): Promise<InlineValue[]> {
      const outline = await server.outline(document.uri);
      return outline.strategies
        .flatMap((strategy) => strategy.series)
        .map((each) => ({ name: each.name, range: rangeOf(each.at) }))
        .filter((each) => view.contains(each.range))
        .map((each) => new InlineValueVariableLookup(each.range, each.name, true));
    },
  };
  return languages.registerInlineValuesProvider(SELECTOR, provider);
}
