// The entry for Cloudflare Workers, which have modules already compiled.

import { forward, initSync, on_panic } from "./pkg/worker.js";
import module from "./pkg/worker_bg.wasm";
import { worker } from "./worker.mjs";

initSync({ module });
export default worker({ forward, on_panic });
