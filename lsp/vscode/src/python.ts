// The Python that has Lingua: looked for, chosen, and Lingua put into one when there is none.
import { join } from "node:path";
import {
  ConfigurationTarget, extensions, ProcessExecution, ProgressLocation, Task, TaskRevealKind, tasks, TaskScope, Uri, window, workspace,
} from "vscode";
import { exists, expand, isNewEnough, OLDEST, probe, pythonIn, search, type Probe, type Search, type Wishes } from "./environment";
import { packageToInstall, wishedCommand, wishedPython } from "./settings";

/** The part of the Python extension's interface that is used. */
interface Environments {
  getActiveEnvironmentPath(resource?: Uri): { path: string };
  resolveEnvironment(path: { path: string }): Promise<{ executable: { uri?: Uri } } | undefined>;
  onDidChangeActiveEnvironmentPath(listener: () => void): { dispose(): void };
}

async function environments(): Promise<Environments | undefined> {
  const python = extensions.getExtension<{ environments?: Environments }>("ms-python.python");
  if (!python) return undefined;
  try {
    return (python.isActive ? python.exports : await python.activate()).environments;
  } catch {
    return undefined;
  }
}

async function activePython(scope: Uri | undefined): Promise<string> {
  const known = await environments();
  if (!known) return "";
  try {
    const found = await known.resolveEnvironment(known.getActiveEnvironmentPath(scope));
    return found?.executable.uri?.fsPath ?? "";
  } catch {
    return "";
  }
}

/** Calls back when the Python extension turns to another interpreter. */
export async function onOtherPython(listener: () => void): Promise<{ dispose(): void } | undefined> {
  return (await environments())?.onDidChangeActiveEnvironmentPath(listener);
}

function scopeNow(): Uri | undefined {
  const uri = window.activeTextEditor?.document.uri;
  return uri?.scheme === "file" ? uri : workspace.workspaceFolders?.[0]?.uri;
}

export async function findLingua(): Promise<Search> {
  const scope = scopeNow();
  const file = scope && scope.scheme === "file" ? join(scope.fsPath, "..") : undefined;
  const folders = (workspace.workspaceFolders ?? []).filter((each) => each.uri.scheme === "file").map((each) => each.uri.fsPath);
  const wishes: Wishes = {
    python: wishedPython(scope),
    command: wishedCommand(scope),
    active: await activePython(scope),
    folders: [file ?? folders[0], ...folders].filter((each) => each !== undefined),
  };
  return search(wishes);
}

/** Lets the user choose a Python; whether one was chosen. */
export async function choosePython(): Promise<boolean> {
  const found = await window.withProgress({ location: ProgressLocation.Window, title: "Lingua: asking each Python" }, async () => {
    const known = await findLingua();
    return known.seen;
  });
  const items = found.map((each) => ({
    label: each.python,
    description: `Python ${each.release.join(".")}`,
    detail: each.hasServer ? `Lingua ${each.lingua}` : each.lingua ? `Lingua ${each.lingua} without its language server` : "no Lingua",
    python: each.python,
  }));
  const other = { label: "$(folder-opened) Another…", description: "", detail: "the file of an interpreter", python: "" };
  const chosen = await window.showQuickPick([...items, other], { title: "The Python that has Lingua", matchOnDescription: true });
  if (!chosen) return false;
  const python = chosen.python || (await window.showOpenDialog({ title: "The Python that has Lingua" }))?.[0]?.fsPath;
  if (!python) return false;
  const asked = await probe(python);
  if (!asked) {
    void window.showErrorMessage(`${python} is no Python that runs.`);
    return false;
  }
  const target = workspace.workspaceFolders ? ConfigurationTarget.Workspace : ConfigurationTarget.Global;
  await workspace.getConfiguration("lingua").update("python", python, target);
  if (!asked.hasServer) return install(asked);
  return true;
}

/** Puts Lingua into a Python, by default the folder's own environment, which is made when it is missing. */
export async function install(into?: Probe): Promise<boolean> {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  const seen = into ? [into] : (await findLingua()).seen;
  const base = seen.find(isNewEnough);
  if (!base) {
    const older = seen.length > 0 ? `${seen[0]!.python} is ${seen[0]!.release.join(".")}` : "no Python was found";
    void window.showErrorMessage(`Lingua needs Python ${OLDEST.join(".")} or newer; ${older}.`);
    return false;
  }
  const own = folder ? join(folder, ".venv") : undefined;
  let python = into?.python;
  if (!python) {
    const choices = [
      ...(own ? [{ label: "This folder's own environment", description: ".venv", python: pythonIn(own) }] : []),
      ...seen.filter(isNewEnough).map((each) => ({ label: each.python, description: `Python ${each.release.join(".")}`, python: each.python })),
    ];
    const chosen = choices.length === 1 ? choices[0] : await window.showQuickPick(choices, { title: "Where is Lingua to be installed?" });
    if (!chosen) return false;
    python = chosen.python;
  }
  if (own && python === pythonIn(own) && !(await exists(python))) {
    if (!(await run("Make .venv", [base.python, "-m", "venv", own]))) return false;
  }
  const wanted = expand(packageToInstall(), folder);
  if (!(await run("Install Lingua", [python, "-m", "pip", "install", "--disable-pip-version-check", wanted]))) {
    void window.showErrorMessage("Lingua was not installed; the terminal says why.");
    return false;
  }
  return true;
}

/** Runs a command where the user sees it, or (`isQuiet`) only when it fails; whether it went well. */
export async function run(name: string, command: readonly string[], cwd?: string, isQuiet = false): Promise<boolean> {
  const [file = "", ...words] = command;
  const execution = new ProcessExecution(file, words, cwd ? { cwd } : {});
  const task = new Task({ type: "lingua", task: name }, TaskScope.Workspace, name, "Lingua", execution);
  task.presentationOptions = { reveal: isQuiet ? TaskRevealKind.Silent : TaskRevealKind.Always, clear: true };
  return new Promise((done, fail) => {
    const listener = tasks.onDidEndTaskProcess((ended) => {
      if (ended.execution.task.name !== name || ended.execution.task.source !== "Lingua") return;
      listener.dispose();
      done(ended.exitCode === 0);
    });
    tasks.executeTask(task).then(undefined, (fault: unknown) => {
      listener.dispose();
      fail(fault instanceof Error ? fault : new Error(String(fault)));
    });
  });
}
