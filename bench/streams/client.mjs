// The official TypeScript SDK as a client of the benchmark: node client.mjs URL CASE SIZE
import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';

const [url, what, size] = process.argv.slice(2);
const make = (kind, size) =>
  new Anthropic({ apiKey: 'sk-bench', baseURL: `${url}/${kind}/${size}`, maxRetries: 0 });
const params = { model: 'claude-opus-5-5', max_tokens: 1024, messages: [{ role: 'user', content: 'Hello' }] };
const memory = (key) =>
  Number(readFileSync('/proc/self/status', 'utf8').match(new RegExp(`${key}:\\s+(\\d+)`))?.[1] ?? 0);
const length = (message) => Buffer.byteLength(message.content[0].text);

let check = 0;
let base = 0;
if (what === 'text') {
  check = length(await make('text', size).messages.stream(params).finalMessage());
} else if (what === 'text-events') {
  for await (const event of await make('text', size).messages.create({ ...params, stream: true })) {
    if (event.type === 'content_block_delta') check += Buffer.byteLength(event.delta.text);
  }
} else if (what === 'tool') {
  const message = await make('tool', size).messages.stream(params).finalMessage();
  for (const row of message.content[0].input.rows) check += row.id;
} else if (what === 'lines') {
  for await (const line of await make('lines', size).messages.batches.results('batch')) {
    if (line.result.type === 'succeeded') check += line.result.message.usage.output_tokens;
  }
} else if (what === 'together' || what === 'burst') {
  length(await make('text', 1).messages.stream(params).finalMessage());
  base = memory('VmRSS');
  const client = make('together', size);
  const messages = [];
  for (let n = 0; n < Number(size); n++) {
    const stream = client.messages.stream(params);
    messages.push(stream.finalMessage());
    if (what === 'together') await stream.withResponse();
  }
  for (const message of await Promise.all(messages)) check += length(message);
} else {
  throw new Error('no such case');
}
console.log(JSON.stringify({ check, base_kib: base, peak_kib: memory('VmHWM'), end_kib: memory('VmRSS') }));
// Connections that wait for another request are not what is measured.
process.exit(0);
