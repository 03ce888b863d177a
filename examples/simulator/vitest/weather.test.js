// Tests of a program that uses Claude, without Claude.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { startSimulator } from "./simulator.js";

let simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.stop());

async function ask(text) {
  const messages = [{ role: "user", content: text }];
  const response = await fetch(`${simulator.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": "any", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model: "claude-opus-5-5", max_tokens: 1024, messages }),
  });
  const answer = await response.json();
  return response.ok ? answer.content[0].text : answer.error.type;
}

test("rules answer, and requests are there to assert on", async () => {
  await simulator.rule({ text: "weather" }, "It rains.");
  expect(await ask("How is the weather?")).toBe("It rains.");
  const [request] = await simulator.requests();
  expect(request.body.messages[0].content).toBe("How is the weather?");
});

test("the next answers are queued", async () => {
  await simulator.queue({ error: { status: 529 } }, "At last.");
  expect(await ask("Hello")).toBe("overloaded_error");
  expect(await ask("Hello")).toBe("At last.");
});

test("a mistake in a rule is named", async () => {
  await expect(simulator.rule({ modle: "a" }, "No.")).rejects.toThrow("when.modle: unknown");
});
