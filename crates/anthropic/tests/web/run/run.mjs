// Runs the tests of the feature `web`:
//
//     anthropic-sim --cors '*' &
//     node run.mjs FOLDER-OF-THE-MODULE SIMULATOR node,chromium [PART-OF-A-TEST'S-NAME]
//
// Places are node, deno, bun and workerd (by their commands, or $DENO, $BUN and $WORKERD), and chromium: a page, a web worker
// and a service worker there ($CHROMIUM names another browser).

import { readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createInterface } from "node:readline";
import { playwright } from "./browser.mjs";
import { hidden } from "./hidden.mjs";
import { workerd } from "./runtime.mjs";
import { start } from "./server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../../../..");
const examples = join(root, "examples/web/worker");
const [pkg, simulator, places = "node", only = ""] = process.argv.slice(2);
const module = resolve(pkg, "web_tests.js");

const helper = await start({
  transcripts: join(root, "examples/transcripts"),
  folders: { pkg: resolve(pkg), run: here, worker: examples },
});

const failures = [];
// The names of the tests that each place has run.
const ran = new Map();
let passed = 0;
let last = performance.now();

function report(place, name, problem) {
  const took = Math.round(performance.now() - last);
  last += took;
  console.log(`test ${place}::${name} ... ${problem === null ? "ok" : "FAILED"} (${took} ms)`);
  ran.get(place)?.add(name) ?? ran.set(place, new Set([name]));
  if (problem === null) passed += 1;
  else failures.push(`${place}::${name}:\n${problem}`);
}

// Each line that the program prints is a test.
async function program(place, command, args) {
  const child = spawn(command, [...args, join(here, "client.mjs"), module, simulator, helper.url, only], { stdio: ["ignore", "pipe", "inherit"] });
  const over = new Promise((done, failed) => { child.on("close", done); child.on("error", failed); });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) { console.log(line); continue; }
    const { name, problem } = JSON.parse(line);
    report(place, name, problem);
  }
  const code = await over;
  if (code !== 0) failures.push(`${place} ended with ${code}`);
}

// A request for each test.
async function edge(place) {
  const folder = await mkdtemp(join(tmpdir(), "web-tests-"));
  try {
    for (const name of ["workerd.capnp", "workerd.mjs", "panics.mjs", "suite.mjs"]) await cp(join(here, name), join(folder, name));
    await cp(join(examples, "worker.mjs"), join(folder, "worker.mjs"));
    await cp(resolve(pkg), join(folder, "pkg"), { recursive: true });
    const { url, stop } = await workerd(join(folder, "workerd.capnp"));
    const ask = async (query) => {
      const response = await fetch(`${url}/?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(90_000) });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      return response.json();
    };
    for (const name of await ask({})) {
      await check(place, name, async () => {
        const { problem } = await ask({ name, simulator, helper: helper.url });
        if (problem !== null) throw problem;
      });
    }
    stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function check(place, name, work) {
  if (!name.includes(only)) return;
  let problem = null;
  try {
    await work();
  } catch (thrown) {
    problem = String(thrown?.stack ?? thrown);
  }
  report(place, name, problem);
}

function same(found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`found ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

// What a page can't do to itself; more of it is in `hidden.mjs`.
async function driven(context, page) {
  await check("page", "network::without_it_the_error_names_that", async () => {
    await page.evaluate(async () => { window.loaded = await window.load(); });
    const failure = () => page.evaluate((url) => window.loaded.failure(url), simulator);
    await context.setOffline(true);
    const found = await failure();
    await context.setOffline(false);
    same([found[0], /no network/.test(found[1])], ["Connect", true]);
    same((await failure())[0], "none");
  });
}

async function chromium() {
  const { context, close } = await playwright();
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    let place = "page";
    await page.exposeFunction("report", (name, problem) => report(place, name, problem));
    page.on("pageerror", (error) => failures.push(`${place}: ${error}`));
    await page.goto(`${helper.url}/run/page.html`);
    await page.waitForFunction(() => document.title === "ready");
    const options = { simulator, helper: helper.url, only };
    await page.evaluate((options) => window.tests(options), options);
    await driven(context, page);
    place = "worker";
    await page.evaluate((options) => window.inWorker(options), options);
    place = "service_worker";
    await page.evaluate((options) => window.inServiceWorker(options), options);
  } finally {
    await close();
  }
  await hidden({ check, only, same, simulator, helper: helper.url });
}

// Each place has to run all of the module's tests: a place that ends early, or runs none, has not passed.
async function missing() {
  const glue = await import(pathToFileURL(module));
  glue.initSync({ module: readFileSync(module.replace(/\.js$/, "_bg.wasm")) });
  const names = glue.names().filter((name) => name.includes(only));
  const parts = places.split(",").flatMap((place) => (place === "chromium" ? ["page", "worker", "service_worker"] : [place]));
  return parts.flatMap((place) => names.filter((name) => !ran.get(place)?.has(name)).map((name) => `${place}::${name} has not run`));
}

for (const place of places.split(",")) {
  if (place === "chromium") await chromium();
  else if (place === "workerd") await edge(place);
  else if (place === "node") await program(place, process.execPath, []);
  else if (place === "deno") await program(place, process.env.DENO ?? "deno", ["run", "--allow-all", "--no-config"]);
  else await program(place, process.env.BUN ?? "bun", ["run"]);
}
helper.stop();
failures.push(...await missing());
for (const failure of failures) console.error(`\n${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
