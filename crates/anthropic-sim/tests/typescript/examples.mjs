// What the official TypeScript client's examples do, beside what `smoke.mjs` does: the same calls, with assertions. The
// examples themselves are in no package; `tests/official/typescript.py` runs them where the repository can be reached.
//
//     npm install --no-package-lock
//     anthropic-sim --port 4010 &
//     node examples.mjs http://127.0.0.1:4010

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic, { BetaFallbackState, betaRefusalFallbackMiddleware, toFile } from '@anthropic-ai/sdk';
import { betaMemoryTool } from '@anthropic-ai/sdk/helpers/beta/memory';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { accumulateManagedAgentsEvent } from '@anthropic-ai/sdk/lib/sessions/accumulate';
import { BetaLocalFilesystemMemoryTool } from '@anthropic-ai/sdk/tools/memory/node';
import { z } from 'zod/v4';

const MODEL = 'claude-opus-5-5';
const user = (content) => [{ role: 'user', content }];
const REQUEST = { model: MODEL, max_tokens: 1024, messages: user('Hello there') };

// ---- sessions

/** A session of a new agent in a new environment. */
async function session(client, agent = {}, fields = {}) {
  const environment = await client.beta.environments.create({ name: 'example' });
  const made = await client.beta.agents.create({ name: 'example', model: MODEL, ...agent });
  return client.beta.sessions.create({ environment_id: environment.id, agent: { type: 'agent', id: made.id, version: made.version }, ...fields });
}

const say = (client, { id }, text) =>
  client.beta.sessions.events.send(id, { events: [{ type: 'user.message', content: [{ type: 'text', text }] }] });

const textOf = (content) => content.map((block) => block.text ?? '').join('');

async function agents(client) {
  const one = await session(client);
  await say(client, one, 'Hello there');
  const seen = [];
  for await (const event of await client.beta.sessions.events.stream(one.id)) {
    seen.push(event);
    if (event.type === 'session.status_idle') break;
  }
  const answer = seen.find((event) => event.type === 'agent.message');
  assert.match(textOf(answer.content), /simulator/);
  assert.equal(seen.at(-1).stop_reason.type, 'end_turn');
  const listed = [];
  for await (const event of client.beta.sessions.events.list(one.id)) listed.push(event.type);
  assert.ok(listed.includes('user.message') && listed.includes('agent.message'), String(listed));
}

async function mounted(client) {
  const file = await client.files.upload({ file: await toFile(Buffer.from('one,two\n'), 'data.csv', { type: 'text/csv' }) });
  const toolset = { type: 'agent_toolset_20260401', default_config: { enabled: true, permission_policy: { type: 'always_allow' } } };
  const resources = [{ type: 'file', file_id: file.id, mount_path: 'data.csv' }];
  const one = await session(client, { tools: [toolset] }, { resources });
  const { data } = await client.beta.sessions.resources.list(one.id);
  assert.deepEqual(data.map((resource) => resource.type), ['file']);
  await say(client, one, 'What are the columns?');
  for await (const event of await client.beta.sessions.events.stream(one.id)) {
    if (event.type === 'session.status_idle') return;
  }
  assert.fail('the stream ends before the session is idle');
}

/** Asked for previews of messages: where there are some, they add up to the message that follows them. */
async function previews(client) {
  const one = await session(client);
  const stream = await client.beta.sessions.events.stream(one.id, { event_deltas: ['agent.message'] });
  await say(client, one, 'Write a haiku about the sea.');
  const growing = new Map();
  let last;
  for await (const event of stream) {
    const id = event.event_id ?? event.event?.id ?? event.id;
    const before = growing.get(id);
    const preview = accumulateManagedAgentsEvent(before, event);
    if (preview) growing.set(id, preview);
    if (event.type === 'agent.message') {
      last = event;
      assert.equal(textOf(event.content), textOf((before ?? event).content));
    }
    if (event.type === 'session.status_idle') break;
  }
  assert.match(textOf(last.content), /simulator/);
}

/** A tool that the session asks this side to run. */
async function custom(client) {
  const run = [];
  const input_schema = { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] };
  const clock = betaTool({
    name: 'current_time',
    description: 'The time.',
    inputSchema: input_schema,
    run: ({ zone }) => {
      run.push(zone);
      return 'noon';
    },
  });
  const one = await session(client, { tools: [{ type: 'custom', name: clock.name, description: clock.description, input_schema }] });
  await say(client, one, 'What is the current_time?');
  const calls = [];
  const runner = client.beta.sessions.events.toolRunner(one.id, { tools: [clock], maxIdleMs: 200, signal: AbortSignal.timeout(20_000) });
  for await (const call of runner) calls.push(call.name);
  assert.deepEqual([run.length, calls], [1, ['current_time']]);
}

// ---- messages

/**
 * A stream that is left in the middle, by either way. It takes a while, as the API's do: where the rest of an answer
 * arrives while Node's `fetch` leaves it, whatever the server, the next request is never sent (undici of Node 20).
 */
async function cancellation(client) {
  const headers = { 'anthropic-sim-fault': 'slow-body=20' };
  for (const leave of ['break', 'abort']) {
    const stream = await client.messages.create({ ...REQUEST, stream: true }, { headers });
    let seen = 0;
    for await (const event of stream) {
      seen += 1;
      if (event.type !== 'content_block_delta') continue;
      if (leave === 'break') break;
      stream.controller.abort();
    }
    assert.ok(seen >= 2, `${leave}: ${seen}`);
  }
  assert.equal((await client.messages.create(REQUEST)).type, 'message');
}

async function middleware(client) {
  const seen = [];
  const stamped = new Anthropic({
    apiKey: 'any',
    baseURL: client.baseURL,
    middleware: [
      async (request, next) => {
        request.headers.set('x-example', 'stamped');
        const response = await next(request);
        seen.push([request.method, response.status, response.headers.get('request-id')]);
        return response;
      },
      async (request, next, context) => {
        const response = await next(request);
        const body = await context.parse(response);
        seen.push([body.type, body.usage.output_tokens]);
        return response;
      },
    ],
  });
  const message = await stamped.messages.create(REQUEST);
  assert.deepEqual(seen, [['message', message.usage.output_tokens], ['POST', 200, message._request_id]]);
  const { requests } = await (await fetch(`${client.baseURL}/_sim/requests`)).json();
  // Others may be talking to it, too.
  assert.equal(requests.filter(({ headers }) => headers['x-example'] === 'stamped').length, 1);
}

/** A model refuses, and the next one takes over: with the client's middleware, plain and streamed. */
async function fallbacks(client) {
  const [first, second] = ['claude-fable-5', 'claude-opus-4-8'];
  const asked = { model: first, max_tokens: 1024, messages: user('A prompt that is refused.') };
  const served = await client.beta.messages.create({ ...asked, fallbacks: [{ model: second }], betas: ['server-side-fallback-2026-07-01'] });
  assert.ok([first, second].includes(served.model));
  const details = { type: 'refusal', category: 'cyber', explanation: null, fallback_credit_token: 'any', fallback_has_prefill_claim: false };
  const reply = { refusal: { category: 'cyber' }, fields: { stop_details: details } };
  const rule = { when: { model: first, text: 'that is refused' }, reply };
  await fetch(`${client.baseURL}/_sim/rules`, { method: 'POST', body: JSON.stringify(rule) });
  const falling = new Anthropic({ apiKey: 'any', baseURL: client.baseURL, middleware: [betaRefusalFallbackMiddleware([{ model: second }])] });
  const streamed = await falling.beta.messages.stream(asked, { fallbackState: new BetaFallbackState() }).finalMessage();
  const plain = await falling.beta.messages.create(asked, { fallbackState: new BetaFallbackState() });
  for (const message of [streamed, plain]) {
    assert.equal(message.stop_reason, 'end_turn');
    assert.match(textOf(message.content), /simulator/);
  }
  assert.equal(plain.model, second);
  await fetch(`${client.baseURL}/_sim/rules`, { method: 'DELETE' });
}

/** The older form of MCP servers, with their tools configured in place. */
async function mcp(client) {
  const server = { type: 'url', url: 'https://mcp.example/sse', name: 'example', authorization_token: 'any', tool_configuration: { enabled: true, allowed_tools: ['add'] } };
  const headers = { 'anthropic-beta': 'mcp-client-2025-04-04' };
  const message = await client.beta.messages.stream({ ...REQUEST, mcp_servers: [server] }, { headers }).finalMessage();
  assert.equal(message.stop_reason, 'end_turn');
}

async function zodHelpers(client) {
  const Weather = z.object({ city: z.string(), temperature: z.number(), days: z.array(z.object({ day: z.string(), high: z.number() })) });
  const asked = { ...REQUEST, output_config: { format: zodOutputFormat(Weather) } };
  const parsed = (await client.messages.parse(asked)).parsed_output;
  Weather.parse(parsed);
  assert.deepEqual((await client.messages.stream(asked).finalMessage()).parsed_output, parsed);

  const ran = [];
  const tool = (name, field) =>
    betaZodTool({
      name,
      description: `The ${name} of a place.`,
      inputSchema: z.object({ [field]: z.string().describe('Where.') }),
      run: (input) => {
        ran.push([name, typeof input[field]]);
        return `${name} is fine.`;
      },
    });
  const tools = [tool('getWeather', 'location'), tool('getTime', 'zone')];
  const runner = client.beta.messages.toolRunner({ ...REQUEST, messages: user('What is the weather in SF?'), tools, max_iterations: 10 });
  const answers = [];
  for await (const message of runner) {
    answers.push(message.stop_reason);
    const response = await runner.generateToolResponse();
    if (response) assert.ok(response.content.every((block) => block.type === 'tool_result' && !block.is_error));
  }
  assert.equal(answers.at(-1), 'end_turn');
  assert.ok(ran.length >= 1 && ran.every(([, type]) => type === 'string'), JSON.stringify(ran));
}

/** The memory tool, whose files are here. */
async function memory(client) {
  const folder = await mkdtemp(join(tmpdir(), 'sim-memory-'));
  try {
    const tool = betaMemoryTool(await BetaLocalFilesystemMemoryTool.init(folder));
    const edit = {
      type: 'clear_tool_uses_20250919',
      trigger: { type: 'input_tokens', value: 30_000 },
      keep: { type: 'tool_uses', value: 3 },
      clear_at_least: { type: 'input_tokens', value: 5_000 },
      exclude_tools: ['web_search'],
    };
    const input = { command: 'create', path: '/memories/likes.md', file_text: 'TypeScript' };
    const rule = { when: { tool: 'memory' }, times: 1, reply: { tool: { name: 'memory', input } } };
    await fetch(`${client.baseURL}/_sim/rules`, { method: 'POST', body: JSON.stringify(rule) });
    const answer = await client.beta.messages.toolRunner({
      ...REQUEST,
      messages: user('Remember that I like TypeScript.'),
      tools: [tool],
      context_management: { edits: [edit] },
      betas: ['context-management-2025-06-27'],
    });
    assert.equal(answer.stop_reason, 'end_turn');
    assert.ok((await readdir(folder, { recursive: true })).some((path) => path.endsWith('likes.md')));
    await fetch(`${client.baseURL}/_sim/rules`, { method: 'DELETE' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function thinking(client) {
  const heard = { thinking: '', text: '' };
  const older = { model: 'claude-haiku-4-5', max_tokens: 3_200, thinking: { type: 'enabled', budget_tokens: 1_600 }, messages: user('A haiku.') };
  for (const asked of [older, { ...REQUEST, thinking: { type: 'adaptive', display: 'summarized' } }]) {
    const stream = client.messages.stream(asked);
    stream.on('thinking', (piece) => (heard.thinking += piece)).on('text', (piece) => (heard.text += piece));
    const message = await stream.finalMessage();
    const kinds = message.content.map((block) => block.type);
    assert.deepEqual(kinds, ['thinking', 'text']);
    assert.ok(message.content[0].signature && heard.thinking && heard.text);
  }
}

const baseURL = process.argv[2];
const client = new Anthropic({ apiKey: 'any', baseURL, maxRetries: 0 });
for (const check of [agents, mounted, previews, custom, cancellation, middleware, fallbacks, mcp, zodHelpers, memory, thinking]) {
  await check(client);
  console.log(`${check.name}: ok`);
}
