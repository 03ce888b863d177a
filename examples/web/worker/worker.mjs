// The worker, for any runtime that has `Request`, `Response` and streams. `env` has ANTHROPIC_API_KEY; ALLOWED_ORIGIN, the
// origin of the page; and ANTHROPIC_BASE_URL, if it isn't the API that is asked.

export const worker = ({ forward, on_panic }) => {
  // Who waits for the module. After a panic nothing of it comes any more: the next call gets a new one, which knows nothing of
  // the answers of the one before.
  const waiting = new Set();
  let panic = null;
  const panicked = (text) => {
    panic = new Error(text);
    for (const reject of waiting) reject(panic);
    waiting.clear();
  };
  const settled = (work) => new Promise((resolve, reject) => {
    waiting.add(reject);
    work.then(resolve, reject).finally(() => waiting.delete(reject));
  });

  return {
    async fetch(request, env) {
      const headers = {
        "access-control-allow-origin": env.ALLOWED_ORIGIN,
        "access-control-expose-headers": "*",
        vary: "origin",
      };
      if (request.method === "OPTIONS") {
        const asked = request.headers.get("access-control-request-headers") ?? "content-type";
        return new Response(null, { status: 204, headers: { ...headers, "access-control-allow-headers": asked, "access-control-max-age": "86400" } });
      }
      // Who asks? Whoever can reach this spends your money: check a session, count requests.
      const isOurs = request.headers.get("origin") === env.ALLOWED_ORIGIN;
      if (!isOurs || request.method !== "POST" || new URL(request.url).pathname !== "/v1/messages") {
        return new Response("not here", { status: 404, headers });
      }
      let answer, before;
      try {
        const body = await request.text();
        on_panic(panicked);
        before = panic;
        answer = await settled(forward(env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL, body));
      } catch (problem) {
        console.error(String(problem));
        const error = { type: "error", error: { type: "api_error", message: "the worker has failed" } };
        return Response.json(error, { status: 500, headers });
      }
      const body = new ReadableStream({
        async pull(controller) {
          if (panic !== before) throw panic;
          const piece = await settled(answer.next());
          if (piece) controller.enqueue(piece);
          else controller.close();
        },
        // The page has gone.
        cancel: () => { if (panic === before) answer.stop(); },
      });
      return new Response(body, { status: answer.status, headers: { ...headers, ...Object.fromEntries(answer.headers) } });
    },
  };
};
