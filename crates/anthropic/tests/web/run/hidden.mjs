// A page that is behind another tab, where Chromium runs timers once a second, and none while it has frozen the page.

import { plain } from "./browser.mjs";

const pause = (millis) => new Promise((done) => setTimeout(done, millis));

function holds(is, what) {
  if (!is) throw new Error(what);
}

// How long so many timers of 50 ms take that set each other.
const chained = (count) => new Promise((done) => {
  const began = performance.now();
  const next = (left) => (left === 0 ? done(performance.now() - began) : setTimeout(next, 50, left - 1));
  next(count);
});

// Runs a test of the module, and returns how long that took.
const run = async (name, simulator, helper) => {
  const began = performance.now();
  await window.module.run(name, simulator, helper);
  return performance.now() - began;
};

const read = (url, count) => window.module.read(url, count);

// The longest pause of an interval, and what the page is told of its being frozen.
const watched = () => {
  Object.assign(window, { longest: 0, events: [] });
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
  }, 20);
  for (const name of ["freeze", "resume"]) document.addEventListener(name, () => window.events.push(name));
};

// The tests, for a page that stays hidden.
function tests({ page, inFront, same, simulator, helper }) {
  const whole = async () => same(await page.call(read, `${helper}/paced/40`, 40), 40);
  const within = async (name, least, most) => {
    const took = await page.call(run, name, simulator, helper);
    holds(took >= least && took < most, `${name} took ${took} ms`);
  };
  return {
    its_timers_run_once_a_second: async () => {
      const took = await page.call(chained, 4);
      holds(inFront < 2000 && took > 2900, `four timers took ${inFront} ms in front, and ${took} ms behind`);
    },
    a_paced_stream_comes_whole: async () => {
      const began = Date.now();
      await whole();
      // It comes as fast as it is sent.
      holds(Date.now() - began < 6000, `it took ${Date.now() - began} ms`);
    },
    a_stall_ends_by_its_limit: () => within("streams::a_stalled_stream", 400, 5000),
    a_rate_limit_is_waited_for: () => within("errors::a_rate_limit_is_waited_for", 950, 6000),
    a_frozen_page_loses_nothing: async () => {
      await page.call(watched);
      const reading = whole();
      await pause(500);
      await page.send("Page.setWebLifecycleState", { state: "frozen" });
      await pause(4000);
      await page.send("Page.setWebLifecycleState", { state: "active" });
      await reading;
      same(await page.evaluate("window.events"), ["freeze", "resume"]);
      await pause(1500);
      const longest = await page.evaluate("window.longest");
      holds(longest > 3500, `its interval paused for ${longest} ms at most`);
    },
  };
}

export async function hidden({ check, only, same, simulator, helper }) {
  if (!Object.keys(tests({})).some((name) => `hidden::${name}`.includes(only))) return;
  const browser = await plain();
  try {
    const page = await browser.open(`${helper}/run/page.html`);
    const becomes = async (expression, value) => {
      for (let n = 0; n < 100 && (await page.evaluate(expression)) !== value; n++) await pause(50);
      same(await page.evaluate(expression), value);
    };
    const state = "document.visibilityState";
    await becomes("document.title", "ready");
    await becomes(state, "visible");
    await page.evaluate("window.load().then((module) => { window.module = module; })");
    const inFront = await page.call(chained, 4);
    await browser.open("about:blank");
    await becomes(state, "hidden");
    const all = tests({ page, inFront, same, simulator, helper });
    for (const [name, work] of Object.entries(all)) {
      await check("page", `hidden::${name}`, async () => {
        same(await page.evaluate(state), "hidden");
        await work();
        same(await page.evaluate(state), "hidden");
      });
    }
  } finally {
    await browser.close();
  }
}
