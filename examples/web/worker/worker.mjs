// The worker, for any runtime that has `Request`, `Response` and streams. `env` has ANTHROPIC_API_KEY; ALLOWED_ORIGIN, the
// origin of the page; and ANTHROPIC_BASE_URL, if it isn't the API that is asked.

export const worker = ({ forward }) => ({
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
    const answer = await forward(env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL, await request.text());
    headers["content-type"] = answer.content_type;
    const body = new ReadableStream({
      async pull(controller) {
        const piece = await answer.next();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      // The page has gone.
      cancel: () => answer.stop(),
    });
    return new Response(body, { status: answer.status, headers });
  },
});
