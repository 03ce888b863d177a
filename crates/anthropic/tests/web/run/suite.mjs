// Runs the tests of a module, one after the other, wherever this is; `load` makes a new module where it can, since one that
// has panicked is of no use. With `worker`, the example's, its panics are tested, too.

import { recovers } from "./panics.mjs";

const LIMIT = 30_000;
export const PANIC = "panics::the_next_call_gets_a_new_module";

function limited(promise, name) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${name} takes too long`)), LIMIT); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Ends with the work, or with a panic, after which the work never does.
function unlessItPanics(module, work) {
  return new Promise((resolve, reject) => {
    module.on_panic((text) => reject(new Error(text)));
    work().then(resolve, reject);
  });
}

export async function suite({ load, simulator, helper, only = "", report, worker }) {
  let module = await load();
  const tests = module.names().map((name) => [name, () => unlessItPanics(module, () => module.run(name, simulator, helper))]);
  if (worker) tests.push([PANIC, () => recovers({ glue: module, worker, simulator, helper })]);
  for (const [name, work] of tests.filter(([name]) => name.includes(only))) {
    let problem = null;
    try {
      await limited(work(), name);
    } catch (thrown) {
      problem = String(thrown?.stack ?? thrown);
      module = await load();
    }
    await report(name, problem);
  }
}
