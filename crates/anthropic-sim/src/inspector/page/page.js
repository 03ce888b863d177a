// The page behind /_sim: views, each a list and the detail of what is chosen in it. Where one is stands in the address,
// `#/requests/12?q=messages`, so that it can be sent to somebody.

import { by, clock, duration, make, number, target } from "./dom.js";
import { causes, copyCurl, leave, load, toggle, tone } from "./exchange.js";
import { LISTS } from "./lists.js";

const VIEWS = ["requests", ...Object.keys(LISTS)];
const HOME = location.pathname.replace(/\/+$/, "");
// From other machines all of it needs the token that the page was opened with.
const TOKEN = new URLSearchParams(location.search).get("token");
const COLUMNS = [["#", "right wide"], ["Status"], ["Request"], ["Model", "wide"], ["In", "right wide"], ["Out", "right wide"], ["Took", "right wide"], ["At", "right wide"]];

const requests = new Map();   // number → row
const drawn = new Map();      // key → {item, element}, what the list shows, first to last
let lists = {};               // what was last heard of each of the other views
let place = { view: "requests", key: "", query: "" };

function address(path) {
  const url = new URL(HOME + path, location.origin);
  if (TOKEN) url.searchParams.set("token", TOKEN);
  return url;
}

async function get(path, method = "GET") {
  const answer = await fetch(address(path), { method });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  return answer.json();
}

// ---- where one is

function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const parts = path.split("/");
  let key = "";
  try { key = decodeURIComponent(parts.slice(1).join("/")); } catch { /* Somebody has typed it. */ }
  return { view: VIEWS.includes(parts[0]) ? parts[0] : "requests", key, query: new URLSearchParams(query).get("q") ?? "" };
}

function go(view, key = "", query = place.query, instead = false) {
  const hash = target(view, key, query);
  if (instead) {
    history.replaceState(null, "", hash);
    arrive();
  } else {
    // Its event comes later, and a key pressed before then would be about the place that was left.
    location.hash = hash;
    arrive();
  }
}

function changed() {
  const now = read();
  if (["view", "key", "query"].some((part) => now[part] !== place[part])) arrive();
}

function arrive() {
  const before = place;
  place = read();
  document.body.classList.toggle("reading", place.key !== "");
  if (by("filter").value !== place.query) by("filter").value = place.query;
  for (const view of VIEWS) by(`show-${view}`).setAttribute("aria-pressed", String(view === place.view));
  if (before.view !== place.view || !by("columns").hasChildNodes()) begin();
  filter();
  pick(before);
  if (place.view !== "requests") refresh(place.view);
}

// ---- the list

function begin() {
  const columns = place.view === "requests" ? COLUMNS : LISTS[place.view].columns;
  by("columns").replaceChildren(...columns.map(([name, kind = ""]) => make("th", { class: kind }, name)));
  by("rows").replaceChildren();
  drawn.clear();
  by("clear").hidden = place.view !== "requests";
  by("filter").placeholder = place.view === "requests" ? "Filter: path, model, status, error …" : `Filter ${place.view}`;
  if (place.view === "requests") {
    for (const row of requests.values()) draw(String(row.number), row, true);
  } else {
    list(place.view);
  }
}

function requestCells(row) {
  const status = make("span", { class: `status ${tone(row)}${row.state === "open" ? " live" : ""}` },
    row.status === null ? (row.state === "open" ? "…" : "–") : String(row.status));
  const path = [
    make("div", { class: "line", title: row.path + (row.query ? `?${row.query}` : "") },
      make("span", { class: "soft" }, `${row.method} `), row.path, row.query ? make("span", { class: "soft" }, `?${row.query}`) : null,
      row.stream ? make("span", { class: "tag" }, "stream") : null, row.fault ? make("span", { class: "tag", title: "fault" }, `⚡ ${row.fault}`) : null,
      causes(row)),
    row.error ? make("div", { class: "line error", title: row.error }, row.error) : null,
    make("div", { class: "below soft" }, clock(row.time), ` · ${duration(row.ms)}`, row.model ? ` · ${row.model}` : ""),
  ];
  return [[String(row.number)], [status], path, [row.model ?? ""], [number(row.input_tokens)], [number(row.output_tokens)],
    [duration(row.ms)], [clock(row.time)]];
}

const requestText = (row) =>
  [row.method, row.path, row.query, row.model, row.status, row.request_id, row.fault, row.state, row.error, row.stream ? "stream" : "",
    row.rule ? `rule:${row.rule}` : "", row.check ? `check:${row.check}` : ""].join(" ");

function draw(key, item, first = false) {
  let known = drawn.get(key);
  if (!known) {
    const element = make("tr", { "data-key": key });
    element.addEventListener("click", (event) => { if (!event.target.closest("a")) go(place.view, key); });
    known = { element };
    drawn.set(key, known);
    if (first) by("rows").prepend(element); else by("rows").append(element);
  }
  known.item = item;
  const columns = place.view === "requests" ? COLUMNS : LISTS[place.view].columns;
  const cells = place.view === "requests" ? requestCells(item) : LISTS[place.view].cells(item);
  known.element.replaceChildren(...cells.map((cell, index) => make("td", { class: columns[index][1] ?? "" }, cell)));
  known.element.classList.toggle("picked", key === place.key);
  known.element.hidden = !matches(item);
}

function matches(item) {
  const text = (place.view === "requests" ? requestText(item) : LISTS[place.view].text(item)).toLowerCase();
  // `rule:1` isn't `rule:12`.
  const whole = new Set(text.split(/\s+/));
  return place.query.toLowerCase().split(/\s+/).every((word) => (/^(rule|check):/.test(word) ? whole.has(word) : text.includes(word)));
}

function filter() {
  for (const { item, element } of drawn.values()) element.hidden = !matches(item);
  hint();
}

function hint() {
  const shows = [...drawn.values()].some(({ element }) => !element.hidden);
  by("empty").hidden = shows;
  if (shows) return;
  const empty = place.view === "requests"
    ? ["Nothing yet. Point a client at ", make("code", {}, location.origin + HOME.replace(/\/_sim$/, "")), " with any key."]
    : [LISTS[place.view].none];
  by("empty").replaceChildren(...(drawn.size ? [`Nothing matches “${place.query}”.`] : empty));
}

// ---- the detail

function pick(before = null) {
  for (const [key, { element }] of drawn) element.classList.toggle("picked", key === place.key);
  drawn.get(place.key)?.element.scrollIntoView({ block: "nearest" });
  const pane = by("detail");
  if (before && before.view === place.view && before.key === place.key && pane.hasChildNodes()) return;
  pane.scrollTop = 0;
  leave();
  if (!place.key) {
    pane.replaceChildren(make("p", { class: "hint" }, place.view === "requests" ? "Choose a request to see it and its response." : "Choose one to see it."));
  } else if (place.view === "requests") {
    load(get, Number(place.key), pane);
  } else {
    describe();
  }
}

function describe() {
  const view = LISTS[place.view];
  const item = lists[place.view]?.find((one) => view.key(one) === place.key);
  const missing = lists[place.view] ? `There is no ${place.key} among the newest.` : "";
  const pane = by("detail");
  const top = pane.scrollTop;
  pane.replaceChildren(item ? make("div", { class: "inner" }, view.detail(item)) : make("p", { class: "hint" }, missing));
  pane.scrollTop = top;
}

// ---- what is new

// Requests may have changed what the other views show; not each event of a stream is asked about.
let waiting = false;

function soon() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => { waiting = false; Object.keys(LISTS).forEach(refresh); }, 300);
}

async function refresh(name) {
  let items;
  try { items = LISTS[name].items(await get(LISTS[name].path)); } catch { return; }
  const changed = JSON.stringify(items) !== JSON.stringify(lists[name]);
  lists = { ...lists, [name]: items };
  by(`count-${name}`).textContent = items.length;
  if (name !== place.view || !changed) return;
  list(name);
  if (place.key) describe();
}

function list(name) {
  by("rows").replaceChildren();
  drawn.clear();
  for (const item of lists[name] ?? []) draw(LISTS[name].key(item), item);
  hint();
}

function put(row) {
  requests.set(row.number, row);
  if (place.view === "requests") draw(String(row.number), row, true);
}

// The simulator drops the oldest; so does the page.
function drop(upTo) {
  for (const gone of requests.keys()) {
    if (gone > upTo) continue;
    requests.delete(gone);
    if (place.view !== "requests") continue;
    drawn.get(String(gone))?.element.remove();
    drawn.delete(String(gone));
  }
}

function counted() {
  by("count-requests").textContent = requests.size;
  if (place.view === "requests") hint();
}

function link(text, kind) {
  by("link").textContent = text;
  by("link").className = `pill ${kind}`;
}

function follow() {
  const source = new EventSource(address("/live"));
  let first = true;
  source.onopen = () => { first = true; link("live", "good"); };
  source.onerror = () => link("disconnected", "bad");
  source.addEventListener("clear", (event) => { drop(Number(event.data)); counted(); });
  source.onmessage = (event) => {
    const changed = JSON.parse(event.data);
    // After a restart the numbers begin again.
    if (first) drop(Infinity);
    first = false;
    changed.forEach(put);
    drop(Math.max(0, ...requests.keys()) - 500);
    counted();
    const shown = place.view === "requests" && changed.find((row) => String(row.number) === place.key);
    if (shown) load(get, shown.number, by("detail"));
    if (changed.length) soon();
  };
}

// ---- the keys

const visible = () => [...by("rows").children].filter((element) => !element.hidden).map((element) => element.dataset.key);

function step(many) {
  const keys = visible();
  const now = keys.indexOf(place.key);
  const next = keys[now < 0 ? 0 : Math.min(keys.length - 1, Math.max(0, now + many))];
  if (next !== undefined) go(place.view, next, place.query, now >= 0);
}

const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  g: () => step(-Infinity), G: () => step(Infinity),
  Enter: () => by("detail").focus(),
  Escape: () => { if (place.key) go(place.view); },
  "/": () => by("filter").focus(),
  v: () => toggle(by("detail")),
  c: () => { if (by("curl")) copyCurl(by("curl")); },
  x: () => clear(),
  "?": () => by("help").showModal(),
};

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || by("help").open) return;
  const own = event.target.closest?.("input, textarea, button, a, summary");
  if (event.target === by("filter")) {
    if (event.key !== "Escape" && event.key !== "Enter" && event.key !== "ArrowDown") return;
    if (event.key === "Escape") { by("filter").value = ""; search(); }
    by("filter").blur();
    if (event.key !== "Escape") step(1);
    event.preventDefault();
    return;
  }
  // The arrows scroll what is being read.
  const reading = by("detail").contains(document.activeElement) && event.key.startsWith("Arrow");
  const does = KEYS[event.key] ?? (VIEWS[event.key - 1] ? () => go(VIEWS[event.key - 1], "", "") : null);
  if (!does || reading || (own && event.key === "Enter")) return;
  event.preventDefault();
  does();
}

async function clear() {
  if (place.view !== "requests") return;
  try { await get("/exchanges", "DELETE"); } catch { return; }
  if (place.key) go("requests", "", place.query, true);
}

const search = () => go(place.view, place.key, by("filter").value, true);

// ---- the start

for (const view of VIEWS) {
  const button = make("button", { id: `show-${view}`, "aria-pressed": "false" }, LISTS[view]?.title ?? "Requests", make("b", { id: `count-${view}` }, "0"));
  button.addEventListener("click", () => go(view, "", ""));
  by("views").append(button);
}
const back = make("button", { id: "back" }, "‹ Back");
back.addEventListener("click", () => go(place.view));
by("detail").before(back);
by("filter").addEventListener("input", search);
by("clear").addEventListener("click", clear);
by("keys").addEventListener("click", () => by("help").showModal());
addEventListener("keydown", press);
addEventListener("hashchange", changed);
// Batches end by the clock, without a request that would show it.
setInterval(() => { if (place.view !== "requests") refresh(place.view); }, 1000);
Object.keys(LISTS).forEach(refresh);
arrive();
follow();
