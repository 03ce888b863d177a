// The tests in a web worker.

import { suite } from "/run/suite.mjs";
import { worker } from "/worker/worker.mjs";

let loaded = 0;
const load = async () => {
  loaded += 1;
  const glue = await import(`/pkg/web_tests.js?n=${loaded}`);
  await glue.default({ module_or_path: "/pkg/web_tests_bg.wasm" });
  return glue;
};

onmessage = async ({ data }) => {
  await suite({ load, report: (name, problem) => postMessage({ name, problem }), worker, ...data });
  postMessage({ over: true });
};
