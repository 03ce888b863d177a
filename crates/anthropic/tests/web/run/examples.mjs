// The examples: in Chromium the page with the simulator, and the page without a key with the worker between the two; before
// that, in Node, what the README shows (`ask`) and the types alone.
//
//     node examples.mjs FOLDER-OF-THE-MODULES SIMULATOR FOLDER-FOR-PICTURES [node|workerd]
//
// The worker runs under the last one. The modules are in `ask`, `page`, `types` and `worker` of the folder; the simulator has `--cors '*' --pace 60` and examples/web/rules.yaml.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { playwright } from "./browser.mjs";
import { workerd } from "./runtime.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../..");
const [modules, simulator, pictures, runtime = "node"] = process.argv.slice(2);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };
const LETTER = "Bring boots.";

// Files as `python3 -m http.server` has them.
async function files(folder) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    const file = join(folder, path === "/" ? "index.html" : path);
    const content = await readFile(file).catch(() => null);
    if (content === null) return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" }).end(content);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

// How the newest request at the simulator ended.
async function newest() {
  const { exchanges } = await (await fetch(`${simulator}/_sim/exchanges`)).json();
  return exchanges.filter((it) => it.path === "/v1/messages").at(-1);
}

// Waits until the simulator has seen that nobody reads its newest answer any more.
async function untilBroken() {
  let found;
  for (let n = 0; n < 40; n++) {
    found = (await newest()).state;
    if (found === "broken") return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`the request to the API is ${found}`);
}

async function whileAsking(page, look) {
  for (let n = 0; n < 500; n++) {
    if (!(await page.locator("#stop").isEnabled())) return;
    await look();
    await page.waitForTimeout(20);
  }
  throw new Error("the answer does not end");
}

async function streamed(page) {
  await page.locator("#ask").click();
  const lengths = new Set();
  await whileAsking(page, async () => lengths.add((await page.locator("#answer").textContent()).length));
  await page.getByText("tokens").waitFor();
  assert.match(await page.locator("#answer").textContent(), /The dog comes too\.$/);
  assert.ok(lengths.size >= 4, `the answer was seen in ${lengths.size} states`);
}

async function grown(page) {
  await page.locator("#tool").check();
  await page.locator("#ask").click();
  const inputs = new Set();
  await whileAsking(page, async () => inputs.add(await page.locator("#input").textContent()));
  await page.getByText("tokens").waitFor();
  const input = JSON.parse(await page.locator("#input").textContent());
  assert.deepEqual(input, { to: "Ada", lines: ["The river is high.", LETTER, "The dog comes too."] });
  assert.ok(inputs.size >= 4, `the input was seen in ${inputs.size} states`);
}

async function stopped(page) {
  await page.locator("#tool").uncheck();
  await page.locator("#ask").click();
  await page.waitForFunction(() => document.getElementById("answer").textContent.length > 10);
  await page.locator("#stop").click();
  await page.getByText("stopped").waitFor();
  const text = await page.locator("#answer").textContent();
  assert.ok(!text.endsWith("too."), text);
  await page.waitForTimeout(400);
  assert.equal(await page.locator("#answer").textContent(), text);
}

// An example's module, in Node.
async function loaded(name) {
  const glue = await import(pathToFileURL(resolve(modules, name, `${name}.js`)));
  glue.initSync({ module: await readFile(join(modules, name, `${name}_bg.wasm`)) });
  return glue;
}

// The program of the README, whose server is here: it adds the key, and passes on what comes.
async function asked() {
  const { ask } = await loaded("ask");
  const plain = globalThis.fetch;
  const sent = [];
  globalThis.fetch = (url, init) => {
    const headers = new Headers(init.headers);
    sent.push({ url: String(url), hasKey: headers.has("x-api-key") || headers.has("authorization") });
    headers.set("x-api-key", "any");
    return plain(String(url).replace("https://example.com/claude", simulator), { ...init, headers });
  };
  const pieces = [];
  try {
    await ask("Ask Ada to bring boots.", (piece) => pieces.push(piece));
    // Where the server can't be reached, the promise is rejected with the error.
    globalThis.fetch = () => Promise.reject(new TypeError("the cable is out"));
    await assert.rejects(ask("And now?", () => {}), /the cable is out/);
  } finally {
    globalThis.fetch = plain;
  }
  assert.deepEqual(sent, [{ url: "https://example.com/claude/v1/messages", hasKey: false }]);
  assert.match(pieces.join(""), /^Ada, the river .* The dog comes too\.$/s);
  assert.ok(pieces.length >= 4, `the answer came in ${pieces.length} pieces`);
}

// The types alone read what a server passes on.
async function typed() {
  const { Answer } = await loaded("types");
  const read = async (name) => new Answer(await readFile(join(root, "examples/transcripts", `${name}.message.json`), "utf8"));
  const calling = await read("thinking_tool_use");
  assert.equal(calling.text(), "Let me look that up: weather ☔ first.");
  assert.deepEqual(calling.blocks(), ["thinking", "text", "tool_use", "tool_use"]);
  assert.equal(calling.end(), "tool_use, 472 tokens in, 214 out");
  const [forecast, rate] = calling.calls();
  assert.match(forecast, /^get_forecast: \{/);
  assert.equal(JSON.parse(forecast.slice(forecast.indexOf("{"))).city, "Zürich");
  // More than a number of JavaScript's holds.
  assert.match(rate, /^convert_currency: .*\b9007199254740993\b/s);
  const unknown = await read("fallback_unknown");
  assert.deepEqual(unknown.blocks(), ["text", "fallback", "hologram", "text"]);
  assert.deepEqual(unknown.calls(), []);
  assert.throws(() => new Answer('{"type": "message"'), /line 1/);
}

// The worker, with the key on its side.
async function started(runtime) {
  const env = { ANTHROPIC_API_KEY: "any", ANTHROPIC_BASE_URL: simulator, ALLOWED_ORIGIN: url };
  if (runtime === "workerd") return workerd(join(folder, "worker/workerd.capnp"), env);
  const child = spawn(process.execPath, [join(folder, "worker/serve.mjs")], {
    env: { ...process.env, PORT: "0", ...env }, stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = () => child.kill();
  process.on("exit", stop);
  for await (const line of child.stdout) return { url: String(line).trim(), stop };
  throw new Error("the worker does not run");
}

// Requests of several pages at once, each of which gets all of its own.
async function together(proxy) {
  const ask = async (n) => {
    const body = JSON.stringify({
      model: "claude-opus-5-5", max_tokens: 1000, stream: n % 2 === 0, messages: [{ role: "user", content: `Repeat ${n}, please.` }],
    });
    const response = await fetch(`${proxy}/v1/messages`, { method: "POST", body, headers: { origin: url } });
    assert.equal(response.status, 200);
    const text = await response.text();
    if (n % 2 !== 0) return JSON.parse(text).content[0].text;
    const events = text.split("\n").filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6)));
    assert.equal(events.at(-1).type, "message_stop");
    return events.map((it) => it.delta?.text ?? "").join("");
  };
  const texts = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(n)));
  texts.forEach((text, n) => assert.match(text, new RegExp(`Repeat ${n}, please`)));
}

// What a page's client reads beside the body comes through, of a refusal as of a message; and it tries again as it is told.
async function told(proxy) {
  const ask = (content) => fetch(`${proxy}/v1/messages`, {
    method: "POST", headers: { origin: url },
    body: JSON.stringify({ model: "claude-opus-5-5", max_tokens: 100, messages: [{ role: "user", content }] }),
  });
  const headers = { "retry-after": "1", "retry-after-ms": "1200", "x-should-retry": "true", "set-cookie": "no=business" };
  const rule = { when: { text: "too fast" }, times: 1, reply: { error: { status: 429, headers } } };
  const added = await fetch(`${simulator}/_sim/rules`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(rule) });
  assert.ok(added.ok, await added.text());
  const refused = await ask("Is this too fast?");
  assert.equal(refused.status, 429);
  assert.equal((await refused.json()).error.type, "rate_limit_error");
  for (const name of ["retry-after", "retry-after-ms", "x-should-retry"]) assert.equal(refused.headers.get(name), headers[name]);
  assert.equal(refused.headers.get("set-cookie"), null);
  for (const response of [refused, await ask("And this?")]) {
    assert.match(response.headers.get("request-id"), /^req_/);
    assert.match(response.headers.get("content-type"), /^application\/json/);
    assert.match(response.headers.get("anthropic-ratelimit-requests-remaining"), /^\d+$/);
  }
}

await asked();
await typed();
const folder = await mkdtemp(join(tmpdir(), "web-examples-"));
for (const name of ["page", "worker"]) {
  await cp(join(root, "examples/web", name), join(folder, name), { recursive: true });
  await cp(join(modules, name), join(folder, name, "pkg"), { recursive: true });
}
const { server, url } = await files(join(folder, "page"));
const worker = await started(runtime);
const { context, close } = await playwright({ viewport: { width: 900, height: 760 } });
context.setDefaultTimeout(10_000);
const page = context.pages()[0] ?? (await context.newPage());
try {
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(`${url}/?api=${simulator}`);
  await streamed(page);
  await grown(page);
  await page.screenshot({ path: join(pictures, "web-page.png") });
  await stopped(page);
  // The API's own key is refused with words that help.
  await page.goto(`${url}/?api=${simulator}&key=`);
  await page.locator("#ask").click();
  await page.locator("#state.failed").waitFor();
  assert.match(await page.locator("#state").textContent(), /authentication_error|401/);

  const proxy = worker.url;
  await together(proxy);
  await told(proxy);
  const sent = [];
  page.on("request", (request) => sent.push(request));
  await page.goto(`${url}/?api=${proxy}&key=`);
  await streamed(page);
  await stopped(page);
  await untilBroken();
  const keys = sent.flatMap((request) => Object.keys(request.headers())).filter((name) => name === "authorization" || name === "x-api-key");
  assert.deepEqual(keys, []);
  await page.screenshot({ path: join(pictures, "web-worker.png") });
  assert.equal((await fetch(`${proxy}/v1/messages`, { method: "POST", body: "{}", headers: { origin: "http://evil.example" } })).status, 404);
  const large = JSON.stringify({ model: "claude-opus-5-5", max_tokens: 100000, messages: [] });
  assert.equal((await fetch(`${proxy}/v1/messages`, { method: "POST", body: large, headers: { origin: url } })).status, 400);
  assert.ok((await newest()).path);
  assert.deepEqual(problems, []);
  console.log(`the examples work; pictures: ${pictures}`);
} catch (problem) {
  await page.screenshot({ path: join(pictures, "web-failed.png") }).catch(() => {});
  throw problem;
} finally {
  worker.stop();
  server.close();
  await close();
  await rm(folder, { recursive: true, force: true });
}
