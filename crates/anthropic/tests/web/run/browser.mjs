// Chromium for tests: $CHROMIUM, else Debian's. By Playwright, for what needs a user; or by Chromium's own protocol alone,
// since Playwright keeps every page as if it was in front, and its timers as fast.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../../..");
const program = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

// A context of Playwright's, whose `close` removes what it has stored, too.
export async function playwright(options = {}) {
  const { chromium } = createRequire(join(root, "crates/anthropic-sim/tests/page/"))("playwright-core");
  const profile = await mkdtemp(join(tmpdir(), "web-tests-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath: program, headless: true, args, ...options });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}

// A page of the browser below.
class Page {
  constructor(send, session) {
    this.send = (method, params) => send(method, params, session);
  }

  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.exception?.value ?? exceptionDetails.text);
    return result.value;
  }

  // Calls a function in the page, which has nothing of what is around it here.
  call(work, ...given) {
    return this.evaluate(`(${work})(${given.map((it) => JSON.stringify(it)).join(", ")})`);
  }
}

// Commands and their results, as JSON that ends with a zero byte.
function connected(child) {
  const waiting = new Map();
  let [count, rest] = [0, ""];
  child.stdio[4].setEncoding("utf8").on("data", (text) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop();
    for (const { id, result, error } of messages.map((it) => JSON.parse(it))) {
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
      waiting.delete(id);
    }
  });
  child.on("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`Chromium ended with ${code}`));
  });
  return (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    count += 1;
    waiting.set(count, { resolve, reject });
    child.stdio[3].write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
  });
}

// As a user starts it; the pages that `open` makes are in one window, and the newest is in front.
export async function plain() {
  const profile = await mkdtemp(join(tmpdir(), "web-tests-"));
  const child = spawn(program, [...args, "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const over = new Promise((done, failed) => { child.on("exit", done); child.on("error", failed); });
  const stop = () => child.kill();
  process.on("exit", stop);
  const send = connected(child);
  return {
    async open(url) {
      const { targetId } = await send("Target.createTarget", { url });
      const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
      return new Page(send, sessionId);
    },
    async close() {
      // It may be gone before it has replied.
      await Promise.race([send("Browser.close").catch(() => {}), over]);
      await over;
      process.off("exit", stop);
      await rm(profile, { recursive: true, force: true });
    },
  };
}
