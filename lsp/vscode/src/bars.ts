// Bars for a strategy that has none: a price file is chosen and written into lingua.toml, where every command finds it.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { Uri, window, workspace } from "vscode";
import { exists } from "./environment";
import { recordOf, symbolsIn } from "./project";

const NAME = "lingua.toml";

/** The project file that is in force for a program: beside it or above. */
async function projectOf(file: string): Promise<string | undefined> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (await exists(join(folder, NAME))) return join(folder, NAME);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Every symbol that some project file of the workspace knows. */
export async function knownSymbols(): Promise<string[]> {
  const files = await workspace.findFiles(`**/${NAME}`, "**/{node_modules,.venv,venv}/**", 20);
  const texts = await Promise.all(files.map((each) => readFile(each.fsPath, "utf8").catch(() => "")));
  return [...new Set(texts.flatMap(symbolsIn))];
}

/** Ask for the price file of `symbol` and write it down; whether it was. */
export async function chooseBars(program: Uri, symbol: string): Promise<boolean> {
  const chosen = await window.showOpenDialog({
    title: `The bars of ${symbol}`,
    defaultUri: Uri.file(dirname(program.fsPath)),
    filters: { "Prices": ["csv", "parquet", "feather"] },
  });
  const file = chosen?.[0]?.fsPath;
  if (!file) return false;
  const project = (await projectOf(program.fsPath)) ?? join(dirname(program.fsPath), NAME);
  const near = relative(dirname(project), file);
  const written = near.startsWith("..") || isAbsolute(near) ? file : near.split(sep).join("/");
  const before = await readFile(project, "utf8").catch(() => "");
  if (symbolsIn(before).includes(symbol)) {
    void window.showErrorMessage(`${project} already says where the bars of ${symbol} are; change it there.`);
    await window.showTextDocument(Uri.file(project));
    return false;
  }
  await writeFile(project, before + (before && !before.endsWith("\n\n") ? "\n" : "") + recordOf(symbol, written), "utf8");
  return true;
}
