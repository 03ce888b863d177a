// The tests as a worker: `/` has their names, `/?name=…&simulator=…&helper=…` runs one, each in a request of its own, as an
// edge runtime ties timers and connections to the request that made them.

import * as glue from "./pkg/web_tests.js";
import module from "./pkg/web_tests_bg.wasm";
import { recovers } from "./panics.mjs";
import { PANIC } from "./suite.mjs";
import { worker } from "./worker.mjs";

glue.initSync({ module });

export default {
  async fetch(request) {
    const { name, simulator, helper } = Object.fromEntries(new URL(request.url).searchParams);
    if (!name) return Response.json([...glue.names(), PANIC]);
    try {
      if (name === PANIC) await recovers({ glue, worker, simulator, helper });
      else await glue.run(name, simulator, helper);
      return Response.json({ problem: null });
    } catch (thrown) {
      return Response.json({ problem: String(thrown?.stack ?? thrown) });
    }
  },
};
