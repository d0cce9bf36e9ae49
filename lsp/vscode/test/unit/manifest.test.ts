// The manifest and the code say the same: what it names is there, and what the code uses is named.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command: string }[]>;
    keybindings: { command: string }[];
    configuration: { properties: Record<string, unknown> };
    snippets: { path: string }[];
    grammars: { path: string; scopeName: string }[];
    languages: { configuration: string; icon: { light: string } }[];
    walkthroughs: { steps: { description: string; media: { markdown: string }; completionEvents: string[] }[] }[];
  };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const { contributes } = manifest;
const named = contributes.commands.map((each) => each.command);
const code = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts")).map((name) => readFileSync(join("src", name), "utf8")).join("\n");

test("every command of the manifest is carried out by the code", () => {
  for (const command of named) assert.ok(new RegExp(`(on|inProgram)\\("${command}"`).test(code), command);
});

test("menus, keys and walkthrough start commands that are there", () => {
  const used = [
    ...Object.values(contributes.menus).flat().map((each) => each.command),
    ...contributes.keybindings.map((each) => each.command),
    ...contributes.walkthroughs.flatMap((each) => each.steps).flatMap((step) => [...step.description.matchAll(/command:([\w.]+)/g)].map((found) => found[1]!)),
    ...contributes.walkthroughs.flatMap((each) => each.steps).flatMap((step) => step.completionEvents).filter((each) => each.startsWith("onCommand:")).map((each) => each.slice(10)),
  ];
  for (const command of used) assert.ok(named.includes(command), command);
});

test("every setting that the code reads has a name and a default", () => {
  const read = [...code.matchAll(/\.get\("([\w.]+)", /g)].map((found) => `lingua.${found[1]}`);
  assert.ok(read.length >= 5);
  for (const name of read) assert.ok(name in contributes.configuration.properties, name);
});

test("every file of the manifest is there", () => {
  const files = [
    manifest.icon, ...contributes.snippets.map((each) => each.path), ...contributes.grammars.map((each) => each.path),
    ...contributes.languages.flatMap((each) => [each.configuration, each.icon.light]), ...contributes.walkthroughs.flatMap((each) => each.steps).map((step) => step.media.markdown),
  ];
  for (const file of files) assert.ok(existsSync(file), file);
});

test("snippets have a word, a text and a sentence", () => {
  const snippets = Object.values(JSON.parse(readFileSync("snippets/lingua.json", "utf8")) as Record<string, { prefix: string; body: string | string[]; description: string }>);
  assert.ok(snippets.length >= 8);
  for (const each of snippets) assert.ok(each.prefix && each.body && each.description);
  assert.equal(new Set(snippets.map((each) => each.prefix)).size, snippets.length);
});
