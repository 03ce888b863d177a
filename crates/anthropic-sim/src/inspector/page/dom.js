// Elements, numbers and JSON as the page shows them. What is shown comes from models and from whoever sends requests, so
// text is always text, never markup.

export const by = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const pill = (text, kind = "") => (text ? make("span", { class: `pill ${kind}` }, text) : null);

export const duration = (ms) =>
  ms < 1 ? `${ms.toFixed(2)} ms` : ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

export const size = (bytes) =>
  bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1048576).toFixed(1)} MiB`;

export const number = (value) => (value === null || value === undefined ? "" : value.toLocaleString("en"));

// The time of day where the reader is; the whole time is its title.
export function clock(time) {
  const date = new Date(time);
  const text = Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
  return make("time", { title: time }, text);
}

// ---- links

// Where ids lead, by how they begin.
const PREFIXES = { msgbatch_: "batches", file_: "files", sesn_: "sessions" };

export const target = (view, key = "", query = "") =>
  `#/${view}${key === "" ? "" : `/${encodeURIComponent(key)}`}${query ? `?q=${encodeURIComponent(query)}` : ""}`;

function home(id) {
  if (!/^[a-z]+_[A-Za-z0-9]+$/.test(id)) return null;
  const prefix = Object.keys(PREFIXES).find((start) => id.startsWith(start));
  return prefix ? PREFIXES[prefix] : null;
}

export function id(text) {
  const view = home(text);
  return view ? make("a", { href: target(view, text) }, text) : text;
}

// ---- JSON

// JSON with its keys and values marked as such, and ids that lead somewhere; what isn't JSON, as it is.
export function code(text) {
  let pretty;
  try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { return make("pre", {}, text); }
  return marked(pretty);
}

export const json = (value) => marked(JSON.stringify(value, null, 2));

function marked(pretty) {
  const block = make("pre");
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null|-?\d[\d.eE+-]*)/g;
  let end = 0;
  for (const found of pretty.matchAll(token)) {
    block.append(pretty.slice(end, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "number";
    block.append(make("span", { class: kind }, found[2] ? found[1] : value(found)), found[2] || "");
    end = found.index + found[0].length;
  }
  block.append(pretty.slice(end));
  return block;
}

function value(found) {
  const inner = found[1] ? found[1].slice(1, -1) : "";
  return home(inner) ? ['"', id(inner), '"'] : found[0];
}

export function headers(title, pairs, open) {
  const grid = make("div", { class: "headers" });
  for (const [name, text] of pairs) grid.append(make("span", {}, name), make("span", {}, text));
  return make("details", { open }, make("summary", {}, `${title} (${pairs.length})`), grid);
}

// ---- the clipboard

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS a page has no clipboard but by the old way.
    const area = make("textarea", { class: "away" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
