// The page behind /_sim in headless Chromium, wide and as on a phone: what is sent appears, as a conversation and as JSON,
// in rows, views and links; nothing of it becomes markup; and every view is pictured.
//
//     anthropic-sim --port 4010 --pace 150 &
//     node page.mjs http://127.0.0.1:4010 FOLDER-FOR-PICTURES
//
// CHROMIUM names another browser.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { faultsAreFound, looksRight } from "./layout.mjs";

const [url, folder] = process.argv.slice(2);
const KEY = "sk-ant-canary-0123456789";
const HOSTILE = "<img src=x onerror=alert(1)><b>bold</b>";
// A PNG of 8 by 8 pixels.
const PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAIElEQVR42mP49fMrEB1LtAciZDYDTglMIQgbtwQd7AAA5GOJwS10FhsAAAAASUVORK5CYII=";

const HEADERS = { "x-api-key": KEY, "anthropic-version": "2026-10-21" };

// Sends a request and reads all of its response, so that nothing is left open in the end.
async function send(method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { ...HEADERS, "content-type": "application/json", ...headers },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

async function made(path, body) {
  const { status, text } = await send("POST", path, body);
  assert.equal(status, 200, text);
  return JSON.parse(text);
}

const message = (text, more = {}) => ({
  model: "claude-opus-5-5", max_tokens: 1024, messages: [{ role: "user", content: text }], ...more,
});

const weather = {
  name: "get_weather", description: "The weather in a city.",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const image = { type: "image", source: { type: "base64", media_type: "image/png", data: PIXELS } };
const turns = message("", {
  system: "Be brief.", tools: [weather], thinking: { type: "adaptive" },
  messages: [
    { role: "user", content: [{ type: "text", text: "What is the weather where this was taken?" }, image] },
    { role: "assistant", content: [
      { type: "thinking", thinking: "It looks like Bern.", signature: "simulatedabc" },
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Bern" } },
    ] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "12 degrees, rain" }] }] },
  ],
});

async function everything(page) {
  // An error, a fault, markup that must stay text, and a batch, a file, a session, rules.
  await send("GET", "/v1/models?limit=2");
  await send("POST", "/v1/messages", { model: "claude-opus-5-5" });
  await send("POST", "/v1/messages", message("again"), { "anthropic-sim-fault": "overloaded" });
  await send("POST", "/v1/messages/count_tokens", message("count", { max_tokens: undefined }));
  await send("POST", "/v1/messages", message(HOSTILE, { model: "<i>claude</i>", system: HOSTILE }));
  await send("POST", "/v1/messages", message(HOSTILE), { "x-hostile": HOSTILE });
  await send("POST", "/v1/messages", message("", { messages: [...turns.messages.slice(0, 2), { role: "user", content: "And?" }] }));
  const batch = await made("/v1/messages/batches", {
    requests: [1, 2, 3].map((n) => ({ custom_id: `job-${n}`, params: message(`Job ${n}`) })),
  });
  const form = new FormData();
  form.append("file", new Blob(["one,two\n"], { type: "text/csv" }), "table.csv");
  const upload = await fetch(`${url}/v1/files`, { method: "POST", body: form, headers: HEADERS });
  const file = await upload.json();
  const agent = await made("/v1/agents", { name: "weatherman", model: "claude-opus-5-5", tools: [{ type: "custom", ...weather }] });
  const environment = await made("/v1/environments", { name: "e" });
  const session = await made("/v1/sessions", {
    agent: agent.id, environment_id: environment.id, title: "Umbrella?", resources: [{ type: "file", file_id: file.id }],
    initial_events: [{ type: "user.message", content: [{ type: "text", text: "What is the weather in SF?" }] }],
  });
  await made("/_sim/rules", [
    { when: { text: "umbrella", tool: "get_weather" }, reply: { tool: { name: "get_weather", input: { city: "Bern" } } } },
    { when: { model: "claude-haiku-*" }, times: 1, reply: { error: { status: 529 } } },
  ]);
  assert.equal(await page.locator("#rows i, #rows img, #rows b, #detail b.bold").count(), 0);
  return { batch, file, session };
}

const shoot = (page, name) => page.screenshot({ path: join(folder, `page-${name}.png`) });

// For people to look at, after what can be measured.
async function picture(page, name) {
  await shoot(page, name);
  await looksRight(page, name);
}

const row = (page, key) => page.locator(`tr[data-key='${key}']`);

async function newest() {
  const { exchanges } = await (await fetch(`${url}/_sim/exchanges`)).json();
  return exchanges.at(-1).number;
}

// A plain request: its row, then its detail in both forms, and as curl.
async function plain(page) {
  assert.equal((await send("POST", "/v1/messages", message("Name three rivers."))).status, 200);
  const first = row(page, 1);
  await first.getByText("200").waitFor();
  const text = await first.innerText();
  for (const part of ["POST", "/v1/messages", "claude-opus-5-5"]) assert.ok(text.includes(part), text);
  assert.match(text, /\b\d\d:\d\d:\d\d\b/);
  await first.click();
  const detail = page.locator("#detail");
  await detail.locator(".turn.user").getByText("Name three rivers.").waitFor();
  await detail.locator(".turn.assistant").getByText("simulator").waitFor();
  const [input, output] = (await first.locator("td.right").allInnerTexts()).slice(1, 3);
  assert.ok(Number(input) > 0 && Number(output) > 0, `${input} ${output}`);
  await detail.getByRole("button", { name: "JSON" }).click();
  await detail.getByText("output_tokens").first().waitFor();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(curl.startsWith(`curl '${url}/v1/messages' \\\n`) && curl.includes("$ANTHROPIC_API_KEY") && curl.includes("Name three rivers."), curl);
  await page.keyboard.press("v");
  await detail.locator(".turn.user").waitFor();
}

// Tools, thinking and images; then a stream, whose detail grows while it runs.
async function conversations(page) {
  await made("/v1/messages", turns);
  await row(page, await newest()).click();
  const detail = page.locator("#detail");
  for (const part of ["It looks like Bern.", "Let me look.", "→ get_weather", "← get_weather", "12 degrees, rain", "1 tool"]) {
    await detail.getByText(part).first().waitFor();
  }
  await page.waitForFunction(() => document.querySelector("#detail img")?.naturalWidth === 8);
  await picture(page, "conversation");

  const reading = send("POST", "/v1/messages", message("Tell me a story about a river.", { stream: true }));
  const live = page.locator("tr", { hasText: "stream" }).first();
  await live.click();
  await page.waitForFunction(() => document.getElementById("said")?.textContent.length > 20);
  const lengths = new Set();
  while (await live.locator(".live").count()) {
    lengths.add((await page.locator("#said").innerText()).length);
    await page.waitForTimeout(20);
  }
  assert.ok(lengths.size >= 3, `the stream was seen in ${lengths.size} states`);
  assert.ok((await reading).text.includes("message_stop"));
  await detail.getByRole("button", { name: "JSON" }).click();
  await page.getByText("message_stop").first().waitFor();
  await picture(page, "stream");
  await page.keyboard.press("v");
  return lengths.size;
}

const shownRows = (page) => page.locator("#rows tr:visible").count();

// Rows have the error's text; each view has its list, its filter and an address; ids lead from one to the other.
async function views(page, { batch, file, session }) {
  await page.getByText("overloaded_error: ").first().waitFor();
  await page.getByText("max_tokens: Field required").first().waitFor();
  await page.getByPlaceholder("Filter").fill("529");
  assert.equal(await shownRows(page), 1);
  await page.getByPlaceholder("Filter").fill("no such thing");
  await page.getByText("Nothing matches").waitFor();
  await page.getByPlaceholder("Filter").fill("");
  for (const [view, key, inDetail, filters] of [
    ["batches", batch.id, "3 succeeded", "ended"], ["files", file.id, "text/csv", "table csv"],
    ["sessions", session.id, "→ get_weather", "weatherman"], ["rules", "1", "umbrella", "haiku"],
    ["checks", "tool-pairs", "refused once", "thinking-budget"],
  ]) {
    await page.locator(`#show-${view}`).click();
    await row(page, key).click();
    assert.ok(page.url().endsWith(`#/${view}/${key}`), page.url());
    await page.locator("#detail").getByText(inDetail).first().waitFor();
    await picture(page, view);
    await page.getByPlaceholder("Filter").fill(filters);
    assert.equal(await shownRows(page), 1);
    await page.getByPlaceholder("Filter").fill("no such thing");
    assert.equal(await shownRows(page), 0);
    await page.getByPlaceholder("Filter").fill("");
  }
  // From a session to its file, from there to the requests about it.
  await page.goto(`${url}/_sim#/sessions/${session.id}`);
  await page.locator("#detail").getByRole("link", { name: file.id }).first().click();
  await page.locator("#detail").getByText("table.csv").first().waitFor();
  assert.equal((await send("GET", `/v1/files/${file.id}`)).status, 200);
  await page.getByRole("link", { name: "Its requests" }).click();
  await page.waitForFunction((id) => document.getElementById("filter").value === id, file.id);
  await page.locator("#rows tr:visible").first().waitFor();
  assert.equal(await shownRows(page), 1);
}

// From a request to the rule that replied, or the check that refused it, and back to the requests of either.
async function causes(page) {
  await page.goto(`${url}/_sim#/requests`);
  for (let count = 0; count < 11; count++) {
    await made("/_sim/rules", { when: { text: `number ${count};` }, reply: `This is ${count}.` });
  }
  const number = (await (await fetch(`${url}/_sim/rules`)).json()).rules.at(-1).number;
  assert.ok(number >= 13, String(number));
  const asked = [];
  for (const count of [10, 10, 0]) {
    await made("/v1/messages", message(`number ${count};`));
    asked.push(await newest());
  }
  const detail = page.locator("#detail");
  await row(page, asked[0]).locator("a.tag", { hasText: `rule ${number}` }).waitFor();
  await row(page, asked[0]).locator(".status").click();
  await detail.getByText("Replied to by").waitFor();
  await detail.getByRole("link", { name: `rule ${number}` }).click();
  await page.waitForFunction((number) => location.hash === `#/rules/${number}`, number);
  await detail.getByText("This is 10.").waitFor();
  await detail.getByText("used 2 times").waitFor();
  await detail.getByRole("link", { name: "Its requests" }).click();
  await row(page, asked[1]).waitFor();
  const shown = async () => (await page.locator("#rows tr:visible").evaluateAll((all) => all.map((one) => Number(one.dataset.key)))).sort((a, b) => a - b);
  assert.deepEqual(await shown(), asked.slice(0, 2));
  // Of `rule:1` are those of rule 1, not of the ones whose numbers begin with a 1.
  await page.getByPlaceholder("Filter").fill("rule:1");
  await page.waitForFunction(() => location.hash.endsWith("rule%3A1"));
  const { exchanges } = await (await fetch(`${url}/_sim/exchanges`)).json();
  assert.deepEqual(await shown(), exchanges.filter((one) => one.rule === 1).map((one) => one.number));

  await page.goto(`${url}/_sim#/requests`);
  const refused = exchanges.find((one) => one.check === "tool-pairs").number;
  await row(page, refused).locator("a.tag", { hasText: "tool-pairs" }).click();
  await page.waitForFunction(() => location.hash === "#/checks/tool-pairs");
  await detail.getByText("--lenient=tool-pairs").waitFor();
  await detail.getByRole("link", { name: "Its requests" }).click();
  await row(page, refused).waitFor();
  assert.deepEqual(await shown(), [refused]);
  await row(page, refused).locator(".status").click();
  await detail.getByText("Refused by").waitFor();
  await picture(page, "refused");
  // Rules go; what they have replied to stays, and says so.
  await send("DELETE", "/_sim/rules");
  await page.goto(`${url}/_sim#/rules/${number}`);
  await detail.getByText(`There is no ${number} among the newest.`).waitFor();
}

// From the keyboard alone.
async function keys(page) {
  await page.keyboard.press("1");
  await page.waitForFunction(() => location.hash === "#/requests");
  await page.keyboard.press("j");
  await page.waitForFunction(() => /requests\/\d+$/.test(location.hash));
  const newest = await page.evaluate(() => location.hash);
  await page.keyboard.press("j");
  await page.waitForFunction((before) => location.hash !== before, newest);
  await page.keyboard.press("k");
  await page.waitForFunction((before) => location.hash === before, newest);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "detail");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => location.hash === "#/requests");
  await page.keyboard.press("/");
  await page.keyboard.type("models");
  await page.waitForFunction(() => location.hash.endsWith("q=models"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("5");
  await page.locator("#columns").getByText("When").waitFor();
  await page.keyboard.press("?");
  await page.getByText("copy as curl").waitFor();
  await page.keyboard.press("Escape");
}

// A packed request with a cookie, as curl: the body is unpacked, and so is what is said of it; the cookie is a variable.
async function packed(page) {
  const answer = await fetch(`${url}/v1/messages`, {
    method: "POST", body: gzipSync(JSON.stringify(message("Packed."))),
    headers: { ...HEADERS, "content-type": "application/json", "content-encoding": "gzip", cookie: "session=hunter2" },
  });
  assert.equal(answer.status, 200, await answer.text());
  await page.goto(`${url}/_sim#/requests/${await newest()}`);
  await page.locator("#detail .turn.user").getByText("Packed.").waitFor();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(curl.includes("Packed.") && curl.includes('-H "cookie: $COOKIE"') && !curl.includes("content-encoding"), curl);
}

// As on a phone: one thing at a time, and nothing wider than the screen.
async function phone(page) {
  await page.setViewportSize({ width: 390, height: 780 });
  await page.locator("#show-requests").click();
  await page.locator("#rows tr").first().waitFor();
  await picture(page, "phone-list");
  await page.locator("tr", { hasText: "/v1/messages" }).filter({ hasText: "200" }).last().click();
  await page.locator("#detail .turn").first().waitFor();
  // A conversation that was shown before stands there until the click has had its effect.
  await page.locator("#list").waitFor({ state: "hidden" });
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "phone-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Back" }).click();
  await page.locator("#list").waitFor({ state: "visible" });
  for (const view of ["batches", "files", "sessions", "rules", "checks"]) {
    await page.locator(`#show-${view}`).click();
    await page.locator("#rows tr").first().waitFor();
    await picture(page, `phone-${view}`);
  }
  await page.setViewportSize({ width: 1360, height: 860 });
}

const profile = await mkdtemp(join(tmpdir(), "sim-page-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1360, height: 860 },
  permissions: ["clipboard-read", "clipboard-write"],
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
  page.on("dialog", (dialog) => { problems.push(dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => request.url().startsWith(url) || request.url().startsWith("data:") || problems.push(request.url()));
  await page.goto(`${url}/_sim`);
  await page.getByText("live", { exact: true }).waitFor();
  await page.getByText("Nothing yet.").waitFor();

  await plain(page);
  const objects = await everything(page);
  const states = await conversations(page);
  await picture(page, "requests");
  await faultsAreFound(page);
  await views(page, objects);
  await keys(page);
  await phone(page);
  await causes(page);
  await packed(page);

  // What markup was sent is text wherever it is shown, and no key is anywhere in the page.
  await page.goto(`${url}/_sim#/requests`);
  for (const key of await page.locator("#rows tr").evaluateAll((all) => all.map((one) => one.dataset.key))) {
    await row(page, key).click();
    await page.waitForFunction((text) => document.querySelector("#detail h2")?.textContent.length > text, 3);
    for (const form of [0, 1]) {
      await page.locator("#detail details").evaluateAll((all) => all.forEach((block) => { block.open = true; }));
      assert.equal(await page.locator("#rows b, #rows i, #rows img, #detail i, #detail img[src='x'], #detail p b").count(), 0);
      assert.ok(!(await page.content()).includes(KEY));
      if (form === 0) await page.keyboard.press("v");
    }
    await page.keyboard.press("v");
  }
  await page.getByText("[redacted]").first().waitFor();

  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await page.getByText("Nothing yet.").waitFor();
  assert.equal((await (await fetch(`${url}/_sim/exchanges`)).json()).exchanges.length, 0);
  await send("GET", "/v1/models");
  await page.locator("#rows tr").first().waitFor();
  assert.deepEqual(problems, []);
  console.log(`the page works; a stream was seen in ${states} states; pictures: ${folder}`);
} catch (problem) {
  await shoot(browser.pages()[0], "failed").catch(() => {});
  throw problem;
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
