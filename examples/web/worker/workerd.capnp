# The worker under workerd, the runtime of Cloudflare Workers: `workerd serve worker/workerd.capnp`, with its settings in the
# environment.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    # `local` for the simulator, which is on this machine.
    (name = "internet", network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "cloudflare.mjs", esModule = embed "cloudflare.mjs"),
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "pkg/worker.js", esModule = embed "pkg/worker.js"),
    (name = "pkg/worker_bg.wasm", wasm = embed "pkg/worker_bg.wasm"),
  ],
  bindings = [
    (name = "ANTHROPIC_API_KEY", fromEnvironment = "ANTHROPIC_API_KEY"),
    (name = "ANTHROPIC_BASE_URL", fromEnvironment = "ANTHROPIC_BASE_URL"),
    (name = "ALLOWED_ORIGIN", fromEnvironment = "ALLOWED_ORIGIN"),
  ],
  compatibilityDate = "2026-07-01",
);
