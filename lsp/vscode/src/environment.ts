// Where Lingua is: which Python has it, and how it is started. Knows nothing of the editor.
import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join, parse, resolve } from "node:path";

/** How to start Lingua: `cli` comes before the name of a command, `server` is the whole command of the language server. */
export interface Launcher {
  readonly cli: readonly string[];
  readonly server: readonly string[];
  /** "" when only the command `lingua` is known. */
  readonly python: string;
  readonly version: string;
}

/** What a Python says of itself. */
export interface Probe {
  readonly python: string;
  readonly release: readonly [number, number];
  /** "" when Lingua is not installed; also when another package of that name is. */
  readonly lingua: string;
  readonly hasServer: boolean;
}

export interface Place {
  readonly python: string;
  readonly from: string;
}

export interface Wishes {
  /** Setting `lingua.python`. */
  readonly python: string;
  /** Setting `lingua.server.command`. */
  readonly command: readonly string[];
  /** What the Python extension uses. */
  readonly active: string;
  /** Folder of the file in the editor, then the folders of the workspace. */
  readonly folders: readonly string[];
}

export const OLDEST: readonly [number, number] = [3, 11];
export const IS_WINDOWS = process.platform === "win32";
const ENVIRONMENTS = [".venv", "venv", "env"];
const PROBE_MS = 20_000;

// An unrelated package called `lingua` has no `lingua.cli`.
const QUESTION = `
import importlib.util, json, sys
def has(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
version = ""
if has("lingua.cli"):
    import lingua
    version = str(getattr(lingua, "__version__", "unknown"))
print(json.dumps({"python": sys.executable, "release": sys.version_info[:2], "lingua": version,
                  "hasServer": bool(version) and has("lingua_lsp") and has("pygls")}))
`;

/** `~` and `${workspaceFolder}` of a setting, filled in. */
export function expand(path: string, folder: string | undefined): string {
  let found = path.trim();
  if (found === "~" || found.startsWith("~/") || found.startsWith("~\\")) found = join(homedir(), found.slice(1));
  if (folder !== undefined) found = found.replaceAll("${workspaceFolder}", folder);
  return found;
}

/** The Python inside a virtual environment. */
export function pythonIn(environment: string): string {
  return IS_WINDOWS ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
}

/** Every place where Lingua may be, the likeliest first, each once. */
export function places(wishes: Wishes): Place[] {
  const found: Place[] = [];
  const add = (python: string, from: string) => {
    if (python && !found.some((each) => each.python === python)) found.push({ python, from });
  };
  add(expand(wishes.python, wishes.folders.at(-1)), "the setting lingua.python");
  add(wishes.active, "the Python extension");
  for (const folder of wishes.folders) {
    for (const above of upwards(folder, wishes.folders)) {
      for (const name of ENVIRONMENTS) add(pythonIn(join(above, name)), join(above, name));
    }
  }
  for (const name of IS_WINDOWS ? ["python", "py"] : ["python3", "python"]) add(name, "the path");
  return found;
}

/** A folder and those above it, up to the workspace's folder around it. */
function upwards(folder: string, ends: readonly string[]): string[] {
  const found = [folder];
  const top = parse(folder).root;
  while (!ends.slice(1).includes(found.at(-1)!) && found.length < 20) {
    const above = dirname(found.at(-1)!);
    if (above === top || above === found.at(-1)) break;
    found.push(above);
  }
  return ends.slice(1).includes(found.at(-1)!) ? found : [folder];
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** Ask a Python what it has; undefined when there is no such Python. */
export async function probe(python: string): Promise<Probe | undefined> {
  if (/[\\/]/.test(python) && !(await exists(python))) return undefined;
  const told = await output([python, "-c", QUESTION]);
  if (told === undefined) return undefined;
  try {
    const found = JSON.parse(told.trim().split("\n").at(-1) ?? "") as Probe;
    // A virtual environment is its path, not what its links lead to.
    return { ...found, python: /[\\/]/.test(python) ? resolve(python) : found.python };
  } catch {
    return undefined;
  }
}

/** What a command prints; undefined when it fails. It runs outside the workspace, whose files it must not import. */
export function output(command: readonly string[]): Promise<string | undefined> {
  return new Promise((done) => {
    const [file = "", ...words] = command;
    execFile(file, words, { cwd: tmpdir(), timeout: PROBE_MS, windowsHide: true }, (fault, text) => done(fault ? undefined : text));
  });
}

export interface Search {
  readonly launcher?: Launcher;
  /** A Python that has Lingua without its language server. */
  readonly partial?: Probe;
  /** Every Python that answered, for a choice. */
  readonly seen: readonly Probe[];
  /** A wish that led nowhere, in words. */
  readonly complaint?: string;
}

export function launcherOf(found: Probe): Launcher {
  const cli = [found.python, "-m", "lingua.cli"];
  return { cli, server: [...cli, "lsp"], python: found.python, version: found.lingua };
}

/** The first place that has Lingua with its server. A setting that names one is obeyed or complained of, never passed by. */
export async function search(wishes: Wishes): Promise<Search> {
  if (wishes.command.length > 0) {
    const server = wishes.command.map((word) => expand(word, wishes.folders.at(-1)));
    const end = server.lastIndexOf("lsp");
    const cli = end > 0 ? server.slice(0, end) : [];
    const version = cli.length > 0 ? versionIn(await output([...cli, "--version"])) : "";
    return { launcher: { cli, server, python: "", version }, seen: [] };
  }
  const seen: Probe[] = [];
  let partial: Probe | undefined;
  for (const place of places(wishes)) {
    const found = await probe(place.python);
    const isWish = wishes.python !== "" && place.from === "the setting lingua.python";
    if (found !== undefined && !seen.some((each) => each.python === found.python)) seen.push(found);
    if (found?.hasServer) return { launcher: launcherOf(found), seen };
    if (isWish) {
      const complaint = found === undefined ? `there is no Python at ${place.python}` : `${place.python} has no Lingua with its language server`;
      return { seen, complaint, ...(found?.lingua ? { partial: found } : {}) };
    }
    if (found?.lingua) partial ??= found;
  }
  // Put there by itself (pipx, uv): the command is on the path, its Python is not.
  const version = versionIn(await output(["lingua", "--version"]));
  if (version && (await output(["lingua", "lsp", "--help"])) !== undefined) {
    return { launcher: { cli: ["lingua"], server: ["lingua", "lsp"], python: "", version }, seen };
  }
  return { seen, ...(partial ? { partial } : {}) };
}

/** The version in the first line of `lingua --version`; "" for something else that is called so. */
export function versionIn(text: string | undefined): string {
  return /^lingua (\d[\w.+-]*)/i.exec(text ?? "")?.[1] ?? "";
}

export function isNewEnough(found: Probe): boolean {
  const [major, minor] = found.release;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
