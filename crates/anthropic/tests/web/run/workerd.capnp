# The tests under Cloudflare's runtime, `workerd`, whose servers are on this machine.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "tests", worker = .tests),
    (name = "internet", network = (allow = ["public", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "tests")],
);

const tests :Workerd.Worker = (
  modules = [
    (name = "workerd.mjs", esModule = embed "workerd.mjs"),
    (name = "panics.mjs", esModule = embed "panics.mjs"),
    (name = "suite.mjs", esModule = embed "suite.mjs"),
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "pkg/web_tests.js", esModule = embed "pkg/web_tests.js"),
    (name = "pkg/web_tests_bg.wasm", wasm = embed "pkg/web_tests_bg.wasm"),
  ],
  compatibilityDate = "2026-07-01",
);
