// The page behind /_sim in headless Chromium: a request is made, and its row, its detail and a live stream appear.
//
//     anthropic-sim --port 4010 --pace 150 &
//     node page.mjs http://127.0.0.1:4010 screenshot.png
//
// Node looks for packages beside the script, so run a copy beside its node_modules. CHROMIUM names another browser.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, screenshot] = process.argv.slice(2);
const KEY = "sk-ant-canary-0123456789";

function send(method, path, body, headers = {}) {
  return fetch(url + path, {
    method,
    headers: { "x-api-key": KEY, "anthropic-version": "2026-10-21", "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
}

const message = (text, more = {}) => ({
  model: "claude-opus-5-5", max_tokens: 1024, messages: [{ role: "user", content: text }], ...more,
});

const profile = await mkdtemp(join(tmpdir(), "sim-page-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1360, height: 860 },
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
});
try {
  const page = browser.pages()[0] ?? (await browser.newPage());
  const problems = [];
  page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => request.url().startsWith(url) || request.url().startsWith("data:") || problems.push(request.url()));
  await page.goto(`${url}/_sim`);
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByText("Nothing yet.").waitFor();

  // A plain request: its row, then its detail.
  assert.equal((await send("POST", "/v1/messages", message("Name three rivers."))).status, 200);
  const first = page.locator("tr[data-number='1']");
  await first.waitFor();
  await first.getByText("200").waitFor();
  const row = await first.innerText();
  for (const part of ["POST", "/v1/messages", "claude-opus-5-5"]) assert.ok(row.includes(part), row);
  await first.click();
  const detail = page.locator("#detail");
  await detail.getByText("Name three rivers.").first().waitFor();
  await detail.getByText("output_tokens").first().waitFor();
  const [input, output] = await first.locator("td.right").allInnerTexts().then((cells) => cells.slice(1, 3));
  assert.ok(Number(input) > 0 && Number(output) > 0, `${input} ${output}`);

  // Other requests, among them an error, a fault, a batch and markup that must stay text.
  await send("GET", "/v1/models?limit=2");
  await send("POST", "/v1/messages", { model: "claude-opus-5-5" });
  await send("POST", "/v1/messages", message("again"), { "anthropic-sim-fault": "overloaded" });
  await send("POST", "/v1/messages/count_tokens", message("count", { max_tokens: undefined }));
  await send("POST", "/v1/messages", message("<img src=x onerror=alert(1)><b>bold</b>", { model: "<i>claude</i>" }));
  await send("POST", "/v1/messages/batches", {
    requests: [1, 2, 3].map((n) => ({ custom_id: `job-${n}`, params: message(`Job ${n}`) })),
  });
  assert.equal(await page.locator("#rows i, #rows img, #detail img").count(), 0);

  // A stream: its detail grows while it runs.
  const stream = await send("POST", "/v1/messages", message("Tell me a story about a river.", { stream: true }));
  const reading = stream.text();
  const live = page.locator("tr", { hasText: "stream" }).first();
  await live.click();
  const said = page.locator("#said");
  await said.waitFor();
  const lengths = new Set();
  let pictured = false;
  await page.waitForFunction(() => document.getElementById("said")?.textContent.length > 10);
  while (await live.locator(".live").count()) {
    lengths.add((await said.innerText()).length);
    if (lengths.size === 5 && !pictured) {
      pictured = true;
      await page.screenshot({ path: screenshot });
    }
    await page.waitForTimeout(20);
  }
  assert.ok(lengths.size >= 5, `the stream was seen in ${lengths.size} states`);
  assert.ok((await reading).includes("message_stop"));
  await page.getByText("message_stop").first().waitFor();

  // Batches have their own view; the filter hides rows.
  await page.getByRole("button", { name: "Batches" }).click();
  await page.locator("#batch-rows").getByText("ended").waitFor();
  await page.getByText("3 succeeded").waitFor();
  await page.getByRole("button", { name: "Requests" }).click();
  await page.getByPlaceholder("Filter").fill("529");
  assert.equal(await page.locator("#rows tr:visible").count(), 1);
  await page.getByPlaceholder("Filter").fill("");

  // No key anywhere in the page.
  await page.locator("#detail details").evaluateAll((all) => all.forEach((block) => { block.open = true; }));
  await page.getByText("[redacted]").first().waitFor();
  assert.ok(!(await page.content()).includes(KEY));
  // The browser itself reports statuses over 399 of its own requests only.
  assert.deepEqual(problems, []);
  console.log(`the page works; seen growing in ${lengths.size} states; screenshot: ${screenshot}`);
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
