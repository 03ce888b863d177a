// CPU time of a stream of text deltas in Chromium, of our module and of the TypeScript SDK in the same page, and the memory of
// our module after few and after many. It fails where ours takes more than 1.5 times as long, or the memory has grown:
//
//     node run.mjs FOLDER-OF-THE-MODULE [DELTAS]
//
// What is measured is the page's main thread, on which both run; the network is another process in Chromium.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { start } from "../../crates/anthropic/tests/web/run/server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [pkg, deltas = "20000"] = process.argv.slice(2);
const profile = await mkdtemp(join(tmpdir(), "web-bench-"));
// As one module, minified, as pages have it.
await build({
  stdin: { contents: 'export { default } from "@anthropic-ai/sdk";', resolveDir: here },
  outfile: join(profile, "sdk.js"), bundle: true, minify: true, format: "esm", platform: "browser", logLevel: "error",
  external: ["node:*"],
});
const helper = await start({ transcripts: here, folders: { pkg: resolve(pkg), sdk: profile, bench: here } });
const context = await chromium.launchPersistentContext(join(profile, "browser"), {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${helper.url}/bench/page.html`);
  await page.waitForFunction(() => document.title === "ready");
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const time = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((it) => it.name === "TaskDuration").value;
  };
  const measure = async (who, count) => {
    const before = await time();
    const seen = await page.evaluate(([who, url, count]) => window[who](url, count), [who, `${helper.url}/deltas/${count}`, count]);
    if (seen !== count) throw new Error(`${who} has seen ${seen} of ${count}`);
    return (await time()) - before;
  };
  const count = Number(deltas);
  const times = { ours: [], typescript: [] };
  for (let round = 0; round < 6; round++) {
    for (const who of ["ours", "typescript"]) {
      const took = await measure(who, count);
      // The first round compiles.
      if (round > 0) times[who].push(took);
    }
  }
  const memory = await page.evaluate(() => window.memory());
  for (let round = 0; round < 20; round++) await measure("ours", count);
  const later = await page.evaluate(() => window.memory());
  const [ours, typescript] = [median(times.ours), median(times.typescript)];
  console.log(`${count} deltas, CPU seconds of the page's thread, median of 5: ours ${ours.toFixed(3)}, TypeScript ${typescript.toFixed(3)}, ratio ${(ours / typescript).toFixed(2)}`);
  if (ours > 1.5 * typescript || later > memory + 65536) process.exitCode = 1;
  console.log(`memory of our module: ${memory} bytes after 6 streams, ${later} after 26`);
} finally {
  await context.close();
  helper.stop();
  await rm(profile, { recursive: true, force: true });
}
