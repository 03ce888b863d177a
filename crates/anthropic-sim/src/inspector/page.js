// The page behind /_sim: a list that follows /_sim/live, and the exchange that was picked, read piece by piece.
"use strict";

const by = (id) => document.getElementById(id);
const rows = new Map();   // number → {summary, element}
let picked = null;        // number of the exchange shown
let shown = null;         // what is known of it: {detail, pieces, next}
let loading = false;
let again = false;

// Builds an element; text is always text, never markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const tone = (row) =>
  row.status === null ? (row.state === "broken" || row.fault ? "bad" : "soft")
  : row.status < 300 ? "good" : row.status < 500 ? "warn" : "bad";

const time = (ms) => ms < 1 ? ms.toFixed(2) + " ms" : ms < 1000 ? ms.toFixed(ms < 10 ? 1 : 0) + " ms" : (ms / 1000).toFixed(2) + " s";
const size = (bytes) => bytes < 1024 ? bytes + " B" : bytes < 1048576 ? (bytes / 1024).toFixed(1) + " KiB" : (bytes / 1048576).toFixed(1) + " MiB";
const number = (value) => value === null || value === undefined ? "" : value.toLocaleString("en");

// ---- the list

function cells(row) {
  const status = make("td", {}, make("span", {
    class: `status ${tone(row)}${row.state === "open" ? " live" : ""}`,
  }, row.status === null ? (row.state === "open" ? "…" : "–") : String(row.status)));
  const path = make("td", { class: "path", title: row.path + (row.query ? "?" + row.query : "") },
    make("span", { class: "soft" }, row.method + " "), row.path, row.query ? make("span", { class: "soft" }, "?" + row.query) : null,
    row.stream ? make("span", { class: "tag" }, "stream") : null,
    row.fault ? make("span", { class: "tag", title: "fault" }, "⚡ " + row.fault) : null);
  return [
    make("td", { class: "right soft" }, String(row.number)), status, path,
    make("td", { class: "model" }, typeof row.model === "string" ? row.model : ""),
    make("td", { class: "right" }, number(row.input_tokens)),
    make("td", { class: "right" }, number(row.output_tokens)),
    make("td", { class: "right soft" }, time(row.ms)),
  ];
}

function matches(row) {
  const words = by("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [row.method, row.path, row.query, row.model, row.status, row.request_id, row.fault, row.state].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function put(row) {
  let known = rows.get(row.number);
  if (!known) {
    const element = make("tr", { "data-number": row.number, tabindex: "0" });
    element.addEventListener("click", () => pick(row.number));
    element.addEventListener("keydown", (event) => { if (event.key === "Enter") pick(row.number); });
    known = { element };
    rows.set(row.number, known);
    by("rows").prepend(element);
  }
  known.row = row;
  known.element.replaceChildren(...cells(row));
  known.element.hidden = !matches(row);
}

function trim() {
  // The simulator forgets the oldest; so does the page.
  const oldest = [...rows.keys()].sort((a, b) => a - b);
  for (const gone of oldest.slice(0, Math.max(0, oldest.length - 500))) {
    rows.get(gone).element.remove();
    rows.delete(gone);
  }
  by("count").textContent = rows.size;
  by("empty").hidden = rows.size > 0;
}

function link(text, kind) {
  by("link").textContent = text;
  by("link").className = "pill " + kind;
}

function follow() {
  const source = new EventSource("/_sim/live");
  let first = true;
  source.onopen = () => { first = true; link("live", "good"); };
  source.onerror = () => link("disconnected", "bad");
  source.onmessage = (event) => {
    const changed = JSON.parse(event.data);
    if (first) {
      // After a restart the numbers begin again.
      by("rows").replaceChildren();
      rows.clear();
      first = false;
    }
    changed.forEach(put);
    trim();
    if (changed.some((row) => row.number === picked)) load();
    if (changed.some((row) => row.path.startsWith("/v1/messages/batches"))) batches();
  };
}

// ---- the exchange

function pick(which) {
  rows.get(picked)?.element.classList.remove("picked");
  picked = which;
  shown = null;
  rows.get(picked)?.element.classList.add("picked");
  load();
}

// One request at a time; a change in the meantime asks once more.
async function load() {
  if (loading) { again = true; return; }
  loading = true;
  const which = picked;
  try {
    const answer = await fetch(`/_sim/exchanges/${which}?from=${shown ? shown.next : 0}`);
    if (answer.ok && which === picked) {
      const detail = await answer.json();
      const pieces = shown ? shown.pieces : [];
      pieces.push(...detail.response.pieces);
      shown = { detail, pieces, next: detail.response.next };
      render();
    }
  } catch { /* The link's state says it. */ }
  loading = false;
  if (again) { again = false; load(); }
}

// JSON with its keys and values marked as such; what isn't JSON, as it is.
function code(text) {
  let pretty;
  try { pretty = JSON.stringify(JSON.parse(text), null, 2); } catch { return make("pre", {}, text); }
  const block = make("pre");
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null|-?\d[\d.eE+-]*)/g;
  let end = 0;
  for (const found of pretty.matchAll(token)) {
    block.append(pretty.slice(end, found.index));
    const kind = found[2] ? "key" : found[1] ? "string" : "number";
    block.append(make("span", { class: kind }, found[2] ? found[1] : found[0]), found[2] || "");
    end = found.index + found[0].length;
  }
  block.append(pretty.slice(end));
  return block;
}

function headers(title, pairs, open) {
  const grid = make("div", { class: "headers" });
  for (const [name, value] of pairs) grid.append(make("span", {}, name), make("span", {}, value));
  const block = make("details", open ? { open: "" } : {}, make("summary", {}, `${title} (${pairs.length})`), grid);
  return block;
}

// The events of a stream with the time of the piece that completed each.
function events(pieces) {
  const found = [];
  let rest = "";
  for (const piece of pieces) {
    rest += piece.text;
    const parts = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = parts.pop();
    for (const part of parts) {
      const lines = part.split(/\r\n|\n|\r/);
      const field = (name) => lines.filter((line) => line.startsWith(name + ":")).map((line) => line.slice(name.length + 1).trim()).join("\n");
      if (part.trim()) found.push({ ms: piece.ms, name: field("event"), data: field("data") });
    }
  }
  return found;
}

// What is new in an event: its delta's text, or else its fields but for the type.
function brief(text) {
  let data;
  try { data = JSON.parse(text); } catch { return text; }
  const delta = data.delta || {};
  const said = delta.text ?? delta.thinking ?? delta.partial_json;
  if (said !== undefined) return JSON.stringify(said);
  const { type, ...rest } = data;
  return Object.keys(rest).length ? JSON.stringify(rest) : "";
}

// What the stream has said so far, block by block.
function fold(list) {
  let text = "";
  for (const event of list) {
    let data;
    try { data = JSON.parse(event.data); } catch { continue; }
    if (data.type === "content_block_start" && data.index > 0) text += "\n\n";
    if (data.type === "content_block_start" && data.content_block?.name) text += data.content_block.name + " ";
    const delta = data.delta || {};
    text += delta.text ?? delta.thinking ?? delta.partial_json ?? "";
    if (data.type === "error") text += "\n[" + data.error?.type + "]";
  }
  return text.trim();
}

function render() {
  const { detail, pieces } = shown;
  const { row, request, response } = detail;
  const pane = by("detail");
  const opened = [...pane.querySelectorAll("details")].map((block) => block.open);
  const fact = (text, kind = "") => text ? make("span", { class: "pill " + kind }, text) : null;
  const state = { open: "under way", done: "", broken: "broken off" }[row.state];
  const content = response.headers.find(([name]) => name === "content-type")?.[1] ?? "";
  const whole = pieces.map((piece) => piece.text).join("");
  const streamed = content.startsWith("text/event-stream");
  const parts = [
    make("h2", {}, `${row.method} ${row.path}${row.query ? "?" + row.query : ""}`),
    make("div", { class: "facts" },
      fact(row.status === null ? "no status" : String(row.status), tone(row)), fact(state, row.state === "broken" ? "bad" : "warn"),
      fact(row.fault && "⚡ " + row.fault, "warn"), fact(row.request_id), fact(time(row.ms)),
      fact(row.input_tokens !== null && `${number(row.input_tokens)} in`), fact(row.output_tokens !== null && `${number(row.output_tokens)} out`),
      fact(size(row.bytes)), fact(row.time.slice(11, 23))),
    make("h3", {}, "Request"),
    request.body ? code(request.body) : make("p", { class: "soft" }, "No body."),
    headers("Headers", request.headers, opened[0]),
    make("h3", {}, "Response"),
  ];
  if (streamed) {
    const list = events(pieces);
    const said = make("pre", { id: "said" }, fold(list));
    const table = make("div", { class: "events" });
    for (const event of list) {
      table.append(make("div", {}, make("span", {}, time(event.ms)), make("span", {}, event.name),
        make("span", { title: event.data }, brief(event.data))));
    }
    parts.push(said, make("h3", {}, `Events (${list.length})`), list.length ? table : make("p", { class: "soft" }, "None yet."));
  } else {
    parts.push(whole ? code(whole) : make("p", { class: "soft" }, row.state === "open" ? "None yet." : "No body."));
  }
  if (response.cut) parts.push(make("p", { class: "soft" }, "The rest is too long to be kept."));
  parts.push(headers("Headers", response.headers, opened[1]));
  const top = pane.scrollTop;
  pane.replaceChildren(...parts);
  pane.scrollTop = top;
}

// ---- batches

async function batches() {
  let list;
  try { list = (await (await fetch("/_sim/batches")).json()).data ?? []; } catch { return; }
  by("batch-count").textContent = list.length;
  by("no-batches").hidden = list.length > 0;
  const kinds = { in_progress: "warn", canceling: "warn", ended: "good" };
  by("batch-rows").replaceChildren(...list.map((batch) => {
    const counts = Object.entries(batch.request_counts).filter(([, count]) => count > 0);
    return make("tr", {},
      make("td", {}, make("code", {}, batch.id)),
      make("td", {}, make("span", { class: "pill " + (kinds[batch.processing_status] ?? "") }, batch.processing_status.replace("_", " "))),
      make("td", {}, counts.map(([name, count]) => `${count} ${name}`).join(", ")),
      make("td", { class: "soft" }, batch.created_at.slice(0, 19).replace("T", " ")),
      make("td", { class: "soft" }, batch.ended_at ? batch.ended_at.slice(0, 19).replace("T", " ") : ""));
  }));
}

function show(name) {
  for (const view of ["requests", "batches"]) {
    by(view).hidden = view !== name;
    by("show-" + view).setAttribute("aria-pressed", String(view === name));
  }
  if (name === "batches") batches();
}

by("origin").textContent = location.origin;
by("show-requests").addEventListener("click", () => show("requests"));
by("show-batches").addEventListener("click", () => show("batches"));
by("filter").addEventListener("input", () => { for (const { row, element } of rows.values()) element.hidden = !matches(row); });
// Batches end by the clock, without a request that would show it.
setInterval(() => { if (!by("batches").hidden) batches(); }, 1000);
batches();
follow();
