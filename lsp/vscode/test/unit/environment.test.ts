// Where Lingua is looked for, and what is made of what a Python answers. Pythons here are scripts that answer as one would.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { expand, isNewEnough, launcherOf, places, probe, pythonIn, search, versionIn, type Wishes } from "../../src/environment";

const NOBODY: Wishes = { python: "", command: [], active: "", folders: [] };
const withLingua = { release: [3, 12], lingua: "0.1.0", hasServer: true };

function python(path: string, answer: object): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify({ python: path, ...answer })}'\n`);
  chmodSync(path, 0o755);
  return path;
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), "lingua-environment-"));
}

test("a setting's ~ and ${workspaceFolder} are filled in", () => {
  assert.equal(expand("~/lab/bin/python", undefined), join(homedir(), "lab/bin/python"));
  assert.equal(expand(" ${workspaceFolder}/.venv/bin/python ", "/lab"), "/lab/.venv/bin/python");
});

test("the setting comes first, then the Python extension, then environments from the file upwards, then the path", () => {
  const found = places({ python: "/a/python", command: [], active: "/b/python", folders: ["/lab/deep/er", "/lab"] });
  const order = found.map((each) => each.python);
  assert.deepEqual(order.slice(0, 2), ["/a/python", "/b/python"]);
  const near = order.indexOf(pythonIn("/lab/deep/er/.venv"));
  const between = order.indexOf(pythonIn("/lab/deep/.venv"));
  const above = order.indexOf(pythonIn("/lab/.venv"));
  assert.ok(2 <= near && near < between && between < above && above < order.indexOf("python3"));
  assert.ok(!order.includes(pythonIn("/.venv")), "nothing above the workspace is looked at");
  assert.equal(new Set(order).size, order.length);
});

test("a file outside the workspace is looked beside, not above", () => {
  const order = places({ ...NOBODY, folders: ["/else/where", "/lab"] }).map((each) => each.python);
  assert.ok(order.includes(pythonIn("/else/where/.venv")));
  assert.ok(!order.includes(pythonIn("/else/.venv")));
});

test("the environment of the workspace is found", { skip: process.platform === "win32" }, async () => {
  const lab = folder();
  const own = python(pythonIn(join(lab, ".venv")), withLingua);
  const found = await search({ ...NOBODY, folders: [lab, lab] });
  assert.deepEqual(found.launcher, { cli: [own, "-m", "lingua.cli"], server: [own, "-m", "lingua.cli", "lsp"], python: own, version: "0.1.0" });
});

test("a Python without Lingua is passed by, one without the server is remembered", { skip: process.platform === "win32" }, async () => {
  const lab = folder();
  python(pythonIn(join(lab, ".venv")), { release: [3, 12], lingua: "0.1.0", hasServer: false });
  const full = python(pythonIn(join(lab, "venv")), withLingua);
  const found = await search({ ...NOBODY, active: python(join(lab, "active"), { release: [3, 12], lingua: "", hasServer: false }), folders: [lab, lab] });
  assert.equal(found.launcher?.python, full);
  const only = folder();
  const partial = python(pythonIn(join(only, ".venv")), { release: [3, 12], lingua: "0.1.0", hasServer: false });
  const none = await search({ ...NOBODY, python: partial, folders: [only, only] });
  assert.equal(none.launcher, undefined);
  assert.equal(none.partial?.python, partial);
});

test("a setting that names no Python is complained of, never passed by", { skip: process.platform === "win32" }, async () => {
  const lab = folder();
  python(pythonIn(join(lab, ".venv")), withLingua);
  const found = await search({ ...NOBODY, python: join(lab, "nobody"), folders: [lab, lab] });
  assert.equal(found.launcher, undefined);
  assert.match(found.complaint ?? "", /there is no Python at .*nobody/);
});

test("a whole command is taken as it is, and the other commands go the same way", async () => {
  const found = await search({ ...NOBODY, command: ["nix", "run", "lingua", "lsp", "--stdio"] });
  assert.deepEqual(found.launcher?.server, ["nix", "run", "lingua", "lsp", "--stdio"]);
  assert.deepEqual(found.launcher?.cli, ["nix", "run", "lingua"]);
  const other = await search({ ...NOBODY, command: ["my-server"] });
  assert.deepEqual(other.launcher?.cli, []);
});

test("what answers something else is no Python", { skip: process.platform === "win32" }, async () => {
  const odd = join(folder(), "odd");
  writeFileSync(odd, "#!/bin/sh\necho hello\n");
  chmodSync(odd, 0o755);
  assert.equal(await probe(odd), undefined);
  assert.equal(await probe("/no/such/python"), undefined);
});

test("versions and releases are read", () => {
  assert.equal(versionIn("lingua 0.1.0 (Python 3.11)\n"), "0.1.0");
  assert.equal(versionIn("Lingua Franca"), "");
  assert.equal(versionIn(undefined), "");
  const of = (release: [number, number]) => isNewEnough({ python: "", release, lingua: "", hasServer: false });
  assert.deepEqual([of([3, 10]), of([3, 11]), of([4, 0])], [false, true, true]);
  assert.equal(launcherOf({ python: "p", release: [3, 11], lingua: "1", hasServer: true }).server.at(-1), "lsp");
});
