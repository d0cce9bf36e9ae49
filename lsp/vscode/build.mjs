// Builds what the extension ships into dist/, and with --tests the tests into out/.
import { build, context } from "esbuild";
import { copyFile, mkdir, rm } from "node:fs/promises";

const flags = new Set(process.argv.slice(2));
const isRelease = flags.has("--release");
const root = "../..";

await rm("dist", { recursive: true, force: true });
await mkdir("dist/chart", { recursive: true });
// One grammar, one copy of the charts: kept where others use them too.
await copyFile(`${root}/grammar/lingua_grammar/lingua.tmLanguage.json`, "dist/lingua.tmLanguage.json");
const vendor = `${root}/lingua/report/vendor`;
await copyFile(`${vendor}/lightweight-charts.standalone.production.js`, "dist/chart/lightweight-charts.js");
await copyFile(`${vendor}/LICENSE`, "dist/chart/LICENSE");
await copyFile(`${vendor}/NOTICE`, "dist/chart/NOTICE");
await copyFile("src/chart/view/view.css", "dist/chart/view.css");
await copyFile(`${root}/LICENSE`, "LICENSE");

const shared = { bundle: true, minify: isRelease, sourcemap: !isRelease, logLevel: "warning" };
const node = { ...shared, platform: "node", format: "cjs", target: "node20", external: ["vscode"] };
const parts = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js" },
  { ...shared, platform: "browser", format: "iife", target: "chrome120", entryPoints: ["src/chart/view/view.ts"], outfile: "dist/chart/view.js" },
];
if (flags.has("--tests")) {
  await rm("out", { recursive: true, force: true });
  const unit = ["environment", "model", "grammar", "manifest", "cursor"].map((name) => `test/unit/${name}.test.ts`);
  parts.push({ ...node, minify: false, entryPoints: unit, outdir: "out/unit", external: ["vscode", "vscode-textmate", "vscode-oniguruma"] });
  parts.push({ ...node, minify: false, entryPoints: ["test/host/suite.ts"], outfile: "out/host/suite.js" });
}
if (flags.has("--watch")) for (const part of parts) await (await context(part)).watch();
else await Promise.all(parts.map((part) => build(part)));
