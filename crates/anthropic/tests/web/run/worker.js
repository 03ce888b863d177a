// The tests in a web worker.

import { suite } from "/run/suite.mjs";

let loaded = 0;
const load = async () => {
  loaded += 1;
  const glue = await import(`/pkg/web_tests.js?n=${loaded}`);
  await glue.default({ module_or_path: "/pkg/web_tests_bg.wasm" });
  return glue;
};

onmessage = async ({ data }) => {
  await suite({ load, report: (name, problem) => postMessage({ name, problem }), ...data });
  postMessage({ over: true });
};
