// Runs out/host/suite.js inside VS Code: code-server in a headless Chromium.
//   LINGUA_CODE_SERVER   folder in which `npm install code-server` was made (see CONTRIBUTING.md)
//   LINGUA_PYTHON        a Python that has Lingua (default: python3)
//   LINGUA_CHROMIUM      the browser (default: /usr/bin/chromium); LINGUA_PICTURE: write a picture of the end here
// playwright-core is taken from the same folder.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const home = process.env.LINGUA_CODE_SERVER;
if (!home) throw new Error("LINGUA_CODE_SERVER names the folder in which code-server is installed");
const { chromium } = createRequire(join(resolve(home), "package.json"))("playwright-core");
const python = execFileSync(process.env.LINGUA_PYTHON ?? "python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
const place = mkdtempSync(join(tmpdir(), "lingua-host-"));
const [data, extensions, workspace, profile] = ["data", "extensions", "workspace", "profile"].map((name) => join(place, name));
for (const each of [join(data, "User"), join(data, "Machine"), extensions, workspace, profile]) mkdirSync(each, { recursive: true });
writeFileSync(join(data, "Machine", "settings.json"), JSON.stringify({ "lingua.python": python }));
writeFileSync(join(data, "User", "settings.json"), JSON.stringify({ "workbench.startupEditor": "none", "telemetry.telemetryLevel": "off" }));

const port = await new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port: found } = probe.address();
    probe.close(() => done(found));
  });
});
const entry = join(resolve(home), "node_modules/code-server/out/node/entry.js");
const own = ["--user-data-dir", data, "--extensions-dir", extensions];
const environment = { ...process.env, HOME: place };
execFileSync("node", [entry, ...own, "--install-extension", resolve("lingua.vsix")], { env: environment, stdio: "inherit" });
const server = spawn("node", [entry, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", ...own, workspace], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
await new Promise((done) => server.stdout.on("data", (text) => String(text).includes("HTTP server listening") && done()));

// The host loads tests as part of an extension under development; this one is nothing but the tests.
const harness = join(place, "harness");
mkdirSync(harness);
writeFileSync(join(harness, "package.json"), JSON.stringify({ name: "harness", publisher: "lingua-trading", version: "0.0.1", engines: { vscode: "^1.91.0" } }));
let code = 1;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launchPersistentContext(profile, { executablePath: process.env.LINGUA_CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags, viewport: { width: 1500, height: 900 } });
try {
  const page = browser.pages()[0];
  let finish;
  const end = new Promise((done) => (finish = done));
  await page.exposeFunction("codeAutomationLog", (_, words) => console.log(...words));
  await page.exposeFunction("codeAutomationExit", (found) => finish(found));
  const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = JSON.stringify([["extensionDevelopmentPath", remote(harness)], ["extensionTestsPath", remote(resolve("out/host/suite.js"))]]);
  await page.goto(`http://127.0.0.1:${port}/?folder=${workspace}&payload=${encodeURIComponent(payload)}`);
  code = await Promise.race([end, new Promise((done) => setTimeout(() => done("no answer in three minutes"), 180_000))]);
  if (process.env.LINGUA_PICTURE) await page.screenshot({ path: process.env.LINGUA_PICTURE });
} finally {
  await browser.close();
  server.kill();
  rmSync(place, { recursive: true, force: true });
}
console.log(`exit ${code}`);
process.exit(code === 0 ? 0 : 1);
