// The official TypeScript client against a running simulator.
//
//     npm install --no-package-lock
//     anthropic-sim --port 4010 &
//     node smoke.mjs http://127.0.0.1:4010

import assert from 'node:assert/strict';
import Anthropic, { toFile } from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';

const MODEL = 'claude-opus-5-5';
const HELLO = [{ role: 'user', content: 'Hello there' }];
const REQUEST = { model: MODEL, max_tokens: 1024, messages: HELLO };
const WEATHER = {
  name: 'weather',
  description: 'The weather in a city.',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
    required: ['city', 'days'],
  },
};
const SKILL = '---\nname: tidy-up\ndescription: Tidies up.\n---\n# Tidy up\n';

/** A value as JSON, null and absent alike, without what the client adds to parsed messages. */
function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(JSON.parse(JSON.stringify(value))).filter(
    ([name, field]) => field !== null && !['parsed_output', 'parsed'].includes(name),
  );
  return Object.fromEntries(kept.map(([name, field]) => [name, clean(field)]));
}

const same = (one, other) => assert.deepEqual(clean(one), clean(other));

async function collected(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

async function messages(client) {
  for (const resource of [client.messages, client.beta.messages]) {
    const message = await resource.create(REQUEST);
    assert.equal(message.stop_reason, 'end_turn');
    assert.match(message.content[0].text, /simulator/);
    assert.match(message._request_id, /^req_/);
    for (const more of [
      {},
      { max_tokens: 5 },
      { stop_sequences: ['API'] },
      { thinking: { type: 'adaptive' } },
      { tools: [WEATHER], tool_choice: { type: 'any' } },
    ]) {
      const plain = await resource.create({ ...REQUEST, ...more });
      const stream = resource.stream({ ...REQUEST, ...more });
      const events = (await collected(stream)).map((event) => event.type);
      assert.equal(events.at(-1), 'message_stop');
      same(await stream.finalMessage(), plain);
      if (more.tools) {
        assert.equal(plain.stop_reason, 'tool_use');
        assert.deepEqual(plain.content[0].input, { city: 'simulated city', days: 2 });
      }
    }
    let text = '';
    await resource
      .stream(REQUEST)
      .on('text', (piece) => (text += piece))
      .done();
    assert.equal(text, message.content[0].text);
    const raw = await collected(await resource.create({ ...REQUEST, stream: true }));
    assert.equal(raw[0].type, 'message_start');
    const count = await resource.countTokens({ model: MODEL, messages: HELLO });
    assert.equal(count.input_tokens, message.usage.input_tokens);
  }
}

async function parsing(client) {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 30 },
      kind: { enum: ['river', 'lake'] },
      metres: { type: 'number', minimum: 100, maximum: 500 },
      springs: { type: 'array', items: { $ref: '#/$defs/spring' }, minItems: 2 },
      next: { anyOf: [{ $ref: '#/$defs/spring' }, { type: 'null' }] },
    },
    required: ['name', 'kind', 'metres', 'springs', 'next'],
    $defs: { spring: { type: 'object', properties: { found: { type: 'string', format: 'date' } }, required: ['found'] } },
  };
  for (const resource of [client.messages, client.beta.messages]) {
    const message = await resource.parse({
      ...REQUEST,
      output_config: { format: jsonSchemaOutputFormat(schema) },
    });
    const river = message.parsed_output;
    assert.equal(river.kind, 'river');
    assert.ok(river.name.length >= 30 && river.metres >= 100 && river.metres <= 500, JSON.stringify(river));
    assert.deepEqual([river.springs.length, Object.keys(river.next)], [2, ['found']]);
  }
}

async function toolRunner(client) {
  for (const more of [{}, { thread: false }, { stream: true }]) {
    const asked = [];
    const weather = betaTool({
      name: 'weather',
      description: 'The weather in a city.',
      inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      run: ({ city }) => {
        asked.push(city);
        return `12 degrees in ${city}`;
      },
    });
    // The simulator calls a tool that the last message names. By default the runner goes over a message thread.
    const messages = [{ role: 'user', content: 'Ask weather, please.' }];
    const answer = await client.beta.messages.toolRunner({ ...REQUEST, messages, tools: [weather], ...more });
    assert.deepEqual(asked, ['simulated city']);
    assert.equal(answer.stop_reason, 'end_turn');
    assert.match(answer.content[0].text, /12 degrees/);
  }
}

async function thread(client) {
  const conversation = client.beta.messages.thread({ model: MODEL, max_tokens: 1024 });
  const first = await conversation.send({ role: 'user', content: 'One.' });
  assert.equal(conversation.previousMessageId, first.id);
  const second = await conversation.send({ role: 'user', content: 'Two.' });
  assert.ok(second.usage.input_tokens > first.usage.input_tokens);
  const third = await conversation.stream({ role: 'user', content: 'Three.' }).finalMessage();
  assert.match(third.content[0].text, /Three/);
}

async function serverTools(client) {
  for (const [tool, result] of [
    [{ type: 'web_search_20250305', name: 'web_search' }, 'web_search_tool_result'],
    [{ type: 'web_fetch_20250910', name: 'web_fetch' }, 'web_fetch_tool_result'],
    [{ type: 'code_execution_20250825', name: 'code_execution' }, 'bash_code_execution_tool_result'],
    [{ type: 'mcp_toolset', mcp_server_name: 'notes' }, 'mcp_tool_result'],
  ]) {
    const content = `Use ${tool.name ?? tool.mcp_server_name} for this.`;
    const betas = ['mcp-client-2025-11-20'];
    const request = { ...REQUEST, betas, tools: [tool], messages: [{ role: 'user', content }] };
    const message = await client.beta.messages.create(request);
    assert.ok(message.content.some((block) => block.type === result));
    same(await client.beta.messages.stream(request).finalMessage(), message);
  }
}

async function models(client) {
  for (const resource of [client.models, client.beta.models]) {
    const ids = (await collected(resource.list({ limit: 5 }))).map((model) => model.id);
    assert.ok(ids.length > 15 && new Set(ids).size === ids.length && ids.includes(MODEL));
    assert.equal((await resource.retrieve(MODEL)).display_name, 'Claude Opus 5.5');
  }
}

async function batches(client) {
  for (const resource of [client.messages.batches, client.beta.messages.batches]) {
    const requests = [
      { custom_id: 'good', params: REQUEST },
      { custom_id: 'bad', params: { ...REQUEST, max_tokens: -1 } },
    ];
    let batch = await resource.create({ requests });
    assert.equal(batch.processing_status, 'in_progress');
    while ((batch = await resource.retrieve(batch.id)).processing_status !== 'ended') {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const results = await collected(await resource.results(batch.id));
    assert.deepEqual(
      results.map(({ custom_id, result }) => [custom_id, result.type]),
      [['good', 'succeeded'], ['bad', 'errored']],
    );
    const cancelled = await resource.cancel((await resource.create({ requests })).id);
    assert.equal(cancelled.processing_status, 'canceling');
    const listed = (await collected(resource.list({ limit: 1 }))).map(({ id }) => id);
    assert.ok(listed.includes(batch.id));
    assert.equal((await resource.delete(batch.id)).type, 'message_batch_deleted');
  }
}

async function files(client) {
  for (const resource of [client.files, client.beta.files]) {
    const data = Buffer.from('\0one\r\ntwo');
    const uploaded = [];
    for (const name of ['a.txt', 'b.txt', 'c.txt']) {
      uploaded.push(await resource.upload({ file: await toFile(data, name, { type: 'text/plain' }) }));
    }
    const ids = uploaded.map(({ id }) => id);
    const listed = (await collected(resource.list({ limit: 2 }))).map(({ id }) => id);
    assert.ok(ids.every((id) => listed.includes(id)));
    const metadata = await resource.retrieveMetadata(ids[0]);
    assert.deepEqual([metadata.filename, metadata.size_bytes], ['a.txt', data.length]);
    const back = Buffer.from(await (await resource.download(ids[0])).arrayBuffer());
    assert.ok(back.equals(data));
    for (const id of ids) assert.equal((await resource.delete(id)).type, 'file_deleted');
  }
}

async function skills(client) {
  const upload = async () => [await toFile(Buffer.from(SKILL), 'tidy/SKILL.md')];
  const skill = await client.beta.skills.create({ files: await upload(), display_name: 'Tidy up' });
  const version = await client.beta.skills.versions.create(skill.id, { files: await upload() });
  assert.equal((await collected(client.beta.skills.versions.list(skill.id, { limit: 1 }))).length, 2);
  const archive = await client.beta.skills.versions.download(version.id, { skill_id: skill.id });
  assert.equal(Buffer.from(await archive.arrayBuffer()).subarray(0, 2).toString(), 'PK');
  assert.equal((await client.beta.skills.delete(skill.id)).type, 'skill_deleted');
}

async function errors(client) {
  const raises = async (kind, type, call) => {
    const error = await call().then(
      () => assert.fail(`${kind.name} was not raised`),
      (error) => error,
    );
    assert.equal(error.constructor, kind, String(error));
    assert.equal(error.type, type);
    assert.match(error.requestID, /^req_/);
    return error;
  };
  const create = (more, options) => client.messages.create({ ...REQUEST, ...more }, options);
  const fault = (text, maxRetries = 0) => create({}, { headers: { 'anthropic-sim-fault': text }, maxRetries });
  await raises(Anthropic.BadRequestError, 'invalid_request_error', () => create({ max_tokens: -1 }));
  await raises(Anthropic.BadRequestError, 'invalid_request_error', () => create({ temperature: 1 }));
  await raises(Anthropic.NotFoundError, 'not_found_error', () => create({ model: 'gpt' }));
  await raises(Anthropic.NotFoundError, 'not_found_error', () => client.files.retrieveMetadata('file_gone'));
  await raises(Anthropic.AuthenticationError, 'authentication_error', () => create({}, { headers: { authorization: null, 'x-api-key': '' } }));
  const limited = await raises(Anthropic.RateLimitError, 'rate_limit_error', () => fault('status=429; retry-after=1'));
  assert.equal(limited.headers.get('retry-after'), '1');
  await raises(Anthropic.OverloadedError, 'overloaded_error', () => fault('status=529'));
  assert.equal((await fault('status=529; attempts=1', 1)).type, 'message');
}

const baseURL = process.argv[2];
const client = new Anthropic({ apiKey: 'any', baseURL, maxRetries: 0 });
for (const check of [messages, parsing, toolRunner, thread, serverTools, models, batches, files, skills, errors]) {
  await check(client);
  console.log(`${check.name}: ok`);
}
