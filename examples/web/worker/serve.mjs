// The worker on this machine, under Node, Deno or Bun: `node serve.mjs`, with its settings in the environment.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { forward, initSync, on_panic } from "./pkg/worker.js";
import { worker } from "./worker.mjs";

initSync({ module: readFileSync(new URL("./pkg/worker_bg.wasm", import.meta.url)) });
const { fetch } = worker({ forward, on_panic });

const server = createServer(async (incoming, outgoing) => {
  try {
    const pieces = [];
    for await (const piece of incoming) pieces.push(piece);
    const body = pieces.length > 0 ? Buffer.concat(pieces) : undefined;
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { method: incoming.method, headers: incoming.headers, body });
    const response = await fetch(request, process.env);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) await pipeline(Readable.fromWeb(response.body), outgoing);
    else outgoing.end();
  } catch (problem) {
    // A page that has gone is no problem.
    if (!outgoing.destroyed) console.error(String(problem));
    outgoing.destroy();
  }
});
server.listen(Number(process.env.PORT ?? 8787), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
