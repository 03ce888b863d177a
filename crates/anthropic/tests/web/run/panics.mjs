// A panic in the example's worker, whose Rust is in the tests' module, too: who waits for the module is told, and who comes
// next gets a new one. In a service worker there is no other way to one, as that imports its modules but once.

const ORIGIN = "http://page.example";

function same(found, wanted) {
  if (found !== wanted) throw new Error(`found ${found}, not ${wanted}`);
}

// Where what nobody catches would end the tests, as what a panic leaves behind does now and later, it is kept here.
function uncaught() {
  const seen = [];
  const isWorker = typeof DedicatedWorkerGlobalScope === "function";
  for (const name of isWorker || globalThis.Deno ? ["error", "unhandledrejection"] : []) {
    globalThis.addEventListener(name, (event) => { seen.push(String(event.error ?? event.reason)); event.preventDefault(); });
  }
  globalThis.process?.on?.("uncaughtException", (problem) => seen.push(String(problem)));
  return seen;
}

export async function recovers({ glue, worker, simulator, helper }) {
  const { fetch } = worker(glue);
  // Not a `Request`, as browsers don't let those have an origin.
  const ask = (api, isStream = false) => fetch({
    method: "POST",
    url: "http://worker.example/v1/messages",
    headers: new Headers({ origin: ORIGIN }),
    text: async () => JSON.stringify({
      model: "claude-opus-5-5", max_tokens: 100, stream: isStream, messages: [{ role: "user", content: "Name three rivers." }],
    }),
  }, { ANTHROPIC_API_KEY: "any", ANTHROPIC_BASE_URL: api, ALLOWED_ORIGIN: ORIGIN });
  const text = async (response) => {
    same(response.status, 200);
    const message = await response.json();
    return message.content[0].text;
  };
  const seen = uncaught();
  const wanted = await text(await ask(simulator));
  for (let round = 0; round < 2; round++) {
    const id = `panic${Math.random()}`;
    const asking = ask(`${helper}/silent/${id}`);
    const stream = (await ask(`${helper}/hanging/${id}`, true)).body.getReader();
    same((await stream.read()).done, false);
    const reading = stream.read().then(() => "more", String);
    glue.panics();
    // Both would wait for ever.
    same((await asking).status, 500);
    const end = await reading;
    if (!end.includes("as the test wants")) throw new Error(`the stream ends with ${end}`);
    same(await text(await ask(simulator)), wanted);
    // Many at once, as the new one is no worse than the first.
    const texts = await Promise.all(Array.from({ length: 5 }, async () => text(await ask(simulator))));
    for (const found of texts) same(found, wanted);
  }
  const others = seen.filter((problem) => !/unreachable|previous WASM instance/i.test(problem));
  same(others.join("; "), "");
}
