// The tests under Node, Deno and Bun: `client.mjs MODULE SIMULATOR HELPER [ONLY]`. A line of JSON for each test.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import process from "node:process";
import { suite } from "./suite.mjs";
import { worker } from "../../../../../examples/web/worker/worker.mjs";

const [module, simulator, helper, only] = process.argv.slice(2);
const wasm = new WebAssembly.Module(readFileSync(module.replace(/\.js$/, "_bg.wasm")));
let loaded = 0;

async function load() {
  loaded += 1;
  const glue = await import(`${pathToFileURL(module)}?n=${loaded}`);
  glue.initSync({ module: wasm });
  return glue;
}

await suite({ load, simulator, helper, only, worker, report: (name, problem) => console.log(JSON.stringify({ name, problem })) });
// Requests of modules that have panicked are still under way.
process.exit(0);
