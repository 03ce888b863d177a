// Runs the tests of a module, one after the other, wherever this is; `load` makes a new module, since one that has panicked
// is of no use.

const LIMIT = 30_000;

function limited(promise, name) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${name} takes too long`)), LIMIT); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function suite({ load, simulator, helper, only = "", report }) {
  let module = await load();
  for (const name of module.names().filter((name) => name.includes(only))) {
    let problem = null;
    try {
      await limited(module.run(name, simulator, helper), name);
    } catch (thrown) {
      problem = String(thrown?.stack ?? thrown);
      module = await load();
      module.names();
    }
    await report(name, problem);
  }
}
