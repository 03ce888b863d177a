// A server for what the simulator doesn't do: what its paths begin with says what happens to a request. It lets in pages of
// every origin, remembers what it has seen of each id, and hands out the files of the tests' page.

import { readFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "*",
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-max-age": "600",
};
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const EVENTS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

const message = (text, more = {}) => ({
  id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5-5", content: text === null ? [] : [{ type: "text", text }],
  stop_reason: text === null ? null : "end_turn", stop_sequence: null, usage: { input_tokens: 5, output_tokens: 7 }, ...more,
});
const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const START = event({ type: "message_start", message: message(null) }) +
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const END = event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 7 } }) +
  event({ type: "message_stop" });
const delta = (text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });

async function whole(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

// What is in the file of a form: its bytes, its name, its type.
function fileOf(body) {
  const headEnd = body.indexOf("\r\n\r\n");
  const head = body.subarray(0, headEnd).toString();
  const boundary = head.slice(0, head.indexOf("\r\n"));
  const bytes = body.subarray(headEnd + 4, body.indexOf(`\r\n${boundary}`, headEnd));
  return { bytes, name: /filename="([^"]*)"/.exec(head)?.[1], type: /content-type: (.*)/i.exec(head)?.[1] };
}

function withResolvers() {
  let resolve;
  const promise = new Promise((resolved) => { resolve = resolved; });
  return { promise, resolve };
}

async function write(response, bytes, record) {
  record.sent += bytes.length;
  if (!response.write(bytes)) {
    const { promise, resolve } = withResolvers();
    response.once("drain", resolve).once("close", resolve);
    await promise;
    response.off("drain", resolve).off("close", resolve);
  }
}

const plain = (content) => (Array.isArray(content) ? content.map((block) => block.text).join("") : content);
const limited = (send) => send(429, { type: "error", error: { type: "rate_limit_error", message: "slow down" } }, { "retry-after": "1" });

const KINDS = {
  message: ({ send }) => send(200, message("here")),
  limited: ({ send, record }) => (record.requests === 1 ? limited(send) : send(200, message("here"))),
  // A cookie of a name that nothing else has.
  cookie: ({ send, id }) => send(200, message("here"), { "set-cookie": `${id}=canary; Path=/; Max-Age=60` }),
  moved: ({ send, id }) => send(307, {}, { location: `/message/${id}/v1/messages` }),
  redirect: ({ send, id, port }) => send(307, {}, { location: `http://localhost:${port}/landed/${id}/v1/messages` }),
  landed: ({ send, record }) => { record.landed += 1; send(200, message("landed")); },
  // Calls two tools in one message, and then repeats their results.
  tools: ({ send, body }) => {
    const last = JSON.parse(body).messages.at(-1).content;
    const results = Array.isArray(last) ? last.filter((block) => block.type === "tool_result") : [];
    if (results.length > 0) return send(200, message(results.map((block) => plain(block.content)).join(", ")));
    const call = (city, n) => ({ type: "tool_use", id: `toolu_${n}`, name: "get_weather", input: { city } });
    return send(200, { ...message(""), stop_reason: "tool_use", content: ["Bern", "Oslo"].map(call) });
  },
  silent: () => {},
  hanging: ({ response, body }) => {
    if (body.includes('"stream":true')) response.writeHead(200, EVENTS).write(START + delta("So"));
    else response.writeHead(200, { "content-type": "application/json", "content-length": "1000" }).write('{"id":');
  },
  // The connection breaks long after the last event.
  breaking: async ({ response, id }) => {
    response.writeHead(200, EVENTS).write(START + delta("So"));
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (id === "reset") response.socket.resetAndDestroy();
    else response.socket.destroy();
  },
  flood: async ({ response, record }) => {
    response.writeHead(200, EVENTS);
    await write(response, Buffer.from(START), record);
    const comment = Buffer.from(`: ${"x".repeat(65533)}\n`);
    for (let n = 0; n < 1024 && !response.destroyed; n++) await write(response, comment, record);
    response.end(END);
  },
  hidden: ({ send }) =>
    send(200, gzipSync(JSON.stringify(message("packed ".repeat(200)))), {
      "content-encoding": "gzip",
      "access-control-expose-headers": "request-id",
    }),
  gzip: ({ send }) => send(200, gzipSync(JSON.stringify(message("packed ".repeat(200)))), { "content-encoding": "gzip" }),
  transcript: async ({ response, id, rest, transcripts }) => {
    const bytes = readFileSync(join(transcripts, `${id}.sse`));
    response.writeHead(200, EVENTS);
    const size = Number(rest);
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (at % (64 * size) === 0) await new Promise(setImmediate);
    }
    response.end();
  },
  "upload-limited": ({ send, record, body }) => {
    if (record.requests === 1) return limited(send);
    const { bytes, name, type } = fileOf(body);
    record.sum = bytes.reduce((sum, byte) => sum + byte, 0);
    return send(200, { type: "file", id: "file_1", filename: name, mime_type: type, size_bytes: bytes.length, created_at: "2026-11-27T12:00:00Z" });
  },
  // Each delta a write of its own, and every few of them a turn of the loop, so that they come in many chunks.
  deltas: async ({ response, id }) => {
    response.writeHead(200, EVENTS).write(START);
    for (let n = 0; n < Number(id); n++) {
      response.write(delta("of words "));
      if (n % 4 === 3) await new Promise(setImmediate);
    }
    response.end(END);
  },
  // The same at a pace.
  paced: async ({ response, id }) => {
    response.writeHead(200, EVENTS).write(START);
    for (let n = 0; n < Number(id); n++) {
      response.write(delta("of words "));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    response.end(END);
  },
};

// Starts it; `folders` are where the page's files are, by the first part of their path.
export async function start({ transcripts, folders }) {
  const records = new Map();
  const recordOf = (id) => {
    if (!records.has(id)) records.set(id, { requests: 0, closed: 0, landed: 0, sent: 0, sum: 0, lengths: [], headers: {} });
    return records.get(id);
  };
  const server = createServer({ keepAliveTimeout: 500 }, async (request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (request.method === "OPTIONS") {
      response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "*");
      return response.writeHead(204).end();
    }
    const send = (status, value, headers = {}) => {
      const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
      response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length, ...headers }).end(bytes);
    };
    const [kind, ...path] = new URL(request.url, "http://x").pathname.slice(1).split("/");
    const [id, rest] = path;
    if (kind === "seen") return send(200, recordOf(id));
    if (kind in folders) {
      const file = join(folders[kind], ...path);
      if (!existsSync(file)) return send(404, {});
      return response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" }).end(readFileSync(file));
    }
    if (!(kind in KINDS)) return send(404, {});
    const record = recordOf(id);
    if (kind !== "landed") record.requests += 1;
    record.headers = request.headers;
    response.on("close", () => { if (!response.writableFinished) record.closed += 1; });
    try {
      const body = await whole(request);
      record.lengths.push(body.length);
      await KINDS[kind]({ send, response, record, id, rest, body, transcripts, port: server.address().port });
    } catch {
      response.destroy();
    }
  });
  // A port that nobody listens on any more.
  const gone = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => gone.once("listening", resolve));
  recordOf("closed-port").port = gone.address().port;
  await new Promise((resolve) => gone.close(resolve));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}
