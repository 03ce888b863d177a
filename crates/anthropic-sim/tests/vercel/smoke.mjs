// The Vercel AI SDK against the simulator: text, streams, tools, objects, thinking, files, errors.
// Usage: node smoke.mjs URL

import assert from "node:assert/strict";
import process from "node:process";

import { createAnthropic } from "@ai-sdk/anthropic";
import { APICallError, Output, generateObject, generateText, isStepCount, streamObject, streamText, tool } from "ai";
import { z } from "zod";

globalThis.AI_SDK_LOG_WARNINGS = false;

const url = process.argv[2];
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: "any" });
const model = anthropic("claude-opus-5-5");
const older = anthropic("claude-haiku-4-5");

const weather = tool({
  description: "The weather in a city.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `Rain in ${city}.`,
});
const city = z.object({ name: z.string(), people: z.number(), rivers: z.array(z.string()) });

// A PNG of one pixel.
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function collect(stream) {
  const parts = [];
  for await (const part of stream) {
    assert.notEqual(part.type, "error", String(part.error));
    parts.push(part);
  }
  return parts;
}

const checks = {
  async "a text"() {
    const result = await generateText({ model, prompt: "Hello there" });
    assert.match(result.text, /simulator/);
    assert.equal(result.finishReason, "stop");
    assert.ok(result.usage.inputTokens > 0 && result.usage.outputTokens > 0);
    assert.match(result.response.id, /^msg_/);
  },

  async "a conversation with a system prompt"() {
    const result = await generateText({
      model,
      system: "Be brief.",
      messages: [
        { role: "user", content: "One" },
        { role: "assistant", content: "Two" },
        { role: "user", content: "Three" },
      ],
    });
    assert.match(result.text, /“Three”/);
  },

  async "a stream"() {
    const result = streamText({ model, prompt: "Hello there" });
    const parts = await collect(result.fullStream);
    assert.ok(parts.filter((part) => part.type === "text-delta").length > 3);
    assert.match(await result.text, /“Hello there”/);
    assert.equal(await result.finishReason, "stop");
    assert.ok((await result.usage).outputTokens > 0);
  },

  async "a text cut short"() {
    const result = await generateText({ model, prompt: "Hello there", maxOutputTokens: 3 });
    assert.equal(result.finishReason, "length");
  },

  async "a stop sequence"() {
    const result = await generateText({ model, prompt: "Hello there", stopSequences: ["simulator"] });
    assert.equal(result.text, "This is a ");
  },

  async "a tool and its result"() {
    const result = await generateText({
      model,
      tools: { weather },
      stopWhen: isStepCount(3),
      prompt: "What does weather say of Bern?",
    });
    assert.equal(result.steps.length, 2);
    assert.equal(result.steps[0].toolCalls[0].toolName, "weather");
    assert.match(result.text, /Rain in /);
  },

  async "a tool and its result in a stream"() {
    const result = streamText({
      model,
      tools: { weather },
      stopWhen: isStepCount(3),
      prompt: "What does weather say of Bern?",
    });
    const parts = await collect(result.fullStream);
    assert.ok(parts.some((part) => part.type === "tool-input-delta"));
    assert.ok(parts.some((part) => part.type === "tool-result"));
    assert.match(await result.text, /Rain in /);
  },

  async "a tool that has to be called"() {
    const result = await generateText({
      model,
      tools: { weather },
      toolChoice: { type: "tool", toolName: "weather" },
      prompt: "Hello there",
    });
    assert.equal(typeof result.toolCalls[0].input.city, "string");
    assert.equal(result.finishReason, "tool-calls");
  },

  async "an object"() {
    const result = await generateObject({ model, schema: city, prompt: "Bern" });
    assert.equal(typeof result.object.name, "string");
    assert.ok(Array.isArray(result.object.rivers));
  },

  async "an object in a stream"() {
    const result = streamObject({ model, schema: city, prompt: "Bern" });
    let last;
    for await (const partial of result.partialObjectStream) last = partial;
    assert.deepEqual(await result.object, last);
  },

  async "an object by way of the output"() {
    const result = await generateText({ model, output: Output.object({ schema: city }), prompt: "Bern" });
    assert.equal(typeof result.output.people, "number");
  },

  async "an object by an older model"() {
    const result = await generateObject({ model: older, schema: city, prompt: "Bern" });
    assert.equal(typeof result.object.name, "string");
  },

  async "thinking"() {
    const providerOptions = { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } };
    const result = await generateText({ model: older, prompt: "Hello there", providerOptions });
    assert.match(result.reasoningText, /simulator/);
    const stream = streamText({ model: older, prompt: "Hello there", providerOptions });
    const parts = await collect(stream.fullStream);
    assert.ok(parts.some((part) => part.type === "reasoning-delta"));
  },

  async "an image and a document"() {
    const result = await generateText({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", image: pixel },
            { type: "file", data: Buffer.from("Once upon a time."), mediaType: "text/plain" },
          ],
        },
      ],
    });
    assert.match(result.text, /“What is this\?”/);
  },

  async "the prompt cache"() {
    const cached = { anthropic: { cacheControl: { type: "ephemeral" } } };
    const ask = () =>
      generateText({
        model,
        messages: [
          { role: "user", content: [{ type: "text", text: "A long prompt.", providerOptions: cached }] },
        ],
      });
    await ask();
    const again = await ask();
    assert.ok(again.usage.inputTokenDetails.cacheReadTokens > 0, JSON.stringify(again.usage));
  },

  async "an error"() {
    const unknown = anthropic("claude-nobody-1");
    await assert.rejects(generateText({ model: unknown, prompt: "Hello", maxRetries: 0 }), (error) => {
      assert.ok(APICallError.isInstance(error));
      assert.equal(error.statusCode, 404);
      assert.equal(error.data.error.type, "not_found_error");
      return true;
    });
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.stack}\n${JSON.stringify(error.cause ?? error.responseBody ?? "").slice(0, 600)}`);
  }
}
console.log(`${Object.keys(checks).length - failed} of ${Object.keys(checks).length}`);
process.exitCode = failed > 0 ? 1 : 0;
