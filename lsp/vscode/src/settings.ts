// The settings that are read here; the rest goes to the server as it is.
import { workspace, type Uri } from "vscode";

export interface ChartSettings {
  readonly openOnBacktest: boolean;
  readonly refreshOnSave: boolean;
}

function section(scope?: Uri) {
  return workspace.getConfiguration("lingua", scope);
}

export function wishedPython(scope?: Uri): string {
  return section(scope).get("python", "");
}

export function wishedCommand(scope?: Uri): readonly string[] {
  return section(scope).get("server.command", []);
}

export function chartSettings(scope?: Uri): ChartSettings {
  const found = section(scope);
  return { openOnBacktest: found.get("chart.openOnBacktest", true), refreshOnSave: found.get("chart.refreshOnSave", true) };
}

export function packageToInstall(): string {
  return section().get("package", "lingua-trading[lsp]");
}

/** What the server is told at its start. */
export function serverSettings(): Record<string, unknown> {
  const found = section();
  const given = Object.fromEntries(["autoBacktest", "hintUnits", "hintValues", "hintWarmup"].map((name) => [name, found.get(name)]));
  // Problems of a run are shown here, with what can be done about them.
  return { ...given, showProblems: false };
}
