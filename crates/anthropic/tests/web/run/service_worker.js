// The tests in a service worker, which has no dynamic imports.

import { suite } from "/run/suite.mjs";
import { worker } from "/worker/worker.mjs";
import init, * as glue from "/pkg/web_tests.js";

const load = async () => {
  await init({ module_or_path: "/pkg/web_tests_bg.wasm" });
  return glue;
};

addEventListener("message", (event) => {
  const [port] = event.ports;
  const report = (name, problem) => port.postMessage({ name, problem });
  event.waitUntil(suite({ load, report, worker, ...event.data }).then(() => port.postMessage({ over: true })));
});
