// One request and its response: read piece by piece while it goes on, as a conversation or as JSON.

import { conversation, fold } from "./conversation.js";
import { clock, code, copy, duration, headers, make, number, pill, size, target } from "./dom.js";

export const tone = (row) =>
  row.status === null ? (row.state === "broken" || row.fault ? "bad" : "soft")
  : row.status < 300 ? (row.error ? "bad" : "good") : row.status < 500 ? "warn" : "bad";

// What is known of the exchange that is shown: {number, detail, pieces, next}.
let shown = null;
let loading = false;
let again = null;
// What the reader has opened and chosen.
let view = "conversation";
const opened = { request: false, response: false };

// Shows an exchange, or what is new of it. One request at a time; a change in the meantime asks once more.
export async function load(get, which, pane) {
  if (loading) { again = [get, which, pane]; return; }
  loading = true;
  const known = shown?.number === which ? shown : { number: which, pieces: [], next: 0 };
  try {
    const detail = await get(`/exchanges/${which}?from=${known.next}`);
    known.pieces.push(...detail.response.pieces);
    known.next = detail.response.next;
    known.detail = detail;
    shown = known;
    if (!again || again[1] === which) render(pane);
  } catch (problem) {
    if (problem.status === 404) pane.replaceChildren(make("p", { class: "hint" }, "This request is no longer kept."));
  }
  loading = false;
  if (again) {
    const next = again;
    again = null;
    load(...next);
  }
}

// Another thing is shown instead.
export const leave = () => { shown = null; again = null; };

export function toggle(pane) {
  view = view === "conversation" ? "json" : "conversation";
  if (shown) render(pane);
}

// ---- curl

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
// What curl sends by itself, and what the simulator does not show. The body that is shown is unpacked.
const OWN = ["host", "content-length", "content-encoding", "connection", "accept-encoding", "transfer-encoding", "expect"];
// Where a secret was, a variable of the shell; any but the API's key by the header's name.
const variable = (name) => ["x-api-key", "api-key", "authorization"].includes(name) ? "ANTHROPIC_API_KEY" : name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
const secret = (name, text) => {
  const shown = name === "authorization" && text === "[redacted]" ? "Bearer [redacted]" : text;
  return `${name}: ${shown.replaceAll(/["\\$`]/g, "\\$&").replaceAll("[redacted]", () => `$${variable(name)}`)}`;
};

export function curl({ row, request }) {
  const lines = [`curl ${quoted(`${location.origin}${base()}${row.path}${row.query ? `?${row.query}` : ""}`)}`];
  if (row.method !== (request.body ? "POST" : "GET")) lines.push(`-X ${quoted(row.method)}`);
  for (const [name, text] of request.headers) {
    if (OWN.includes(name)) continue;
    lines.push(text.includes("[redacted]") ? `-H "${secret(name, text)}"` : `-H ${quoted(`${name}: ${text}`)}`);
  }
  if (request.body) lines.push(`--data-raw ${quoted(request.body)}`);
  return (request.cut ? "# The body is longer than what is shown here: it is not whole.\n" : "") + lines.join(" \\\n  ");
}

const base = () => location.pathname.replace(/\/_sim\/?$/, "");

export async function copyCurl(button) {
  if (!shown) return;
  await copy(curl(shown.detail));
  const old = "Copy as curl";
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = old; }, 1200);
}

// ---- drawing

// What decided the response: a script's rule that replied, or the check that refused the request.
export const causes = (row) => [
  row.rule ? make("a", { class: "tag", href: target("rules", row.rule), title: "the rule that replied" }, `rule ${row.rule}`) : null,
  row.check ? make("a", { class: "tag", href: target("checks", row.check), title: "the check that refused it" }, row.check) : null,
];

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
      const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim()).join("\n");
      if (part.trim()) found.push({ ms: piece.ms, name: field("event"), data: field("data") });
    }
  }
  return found;
}

// What is new in an event: its delta's text, or else its fields but for the type.
function brief(text) {
  let data;
  try { data = JSON.parse(text); } catch { return text; }
  const delta = data?.delta ?? {};
  const said = delta.text ?? delta.thinking ?? delta.partial_json;
  if (said !== undefined) return JSON.stringify(said);
  const { type, ...rest } = data ?? {};
  return Object.keys(rest).length ? JSON.stringify(rest) : "";
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}

function summary({ row, request }) {
  const state = { open: "under way", broken: "broken off" }[row.state];
  return [
    make("h2", {}, make("span", { class: "soft" }, `${row.method} `), row.path, row.query ? make("span", { class: "soft" }, `?${row.query}`) : null),
    make("div", { class: "facts" },
      pill(row.status === null ? "no status" : String(row.status), tone(row)), pill(state, row.state === "broken" ? "bad" : "warn"),
      pill(row.fault && `⚡ ${row.fault}`, "warn"), pill(row.model), pill(duration(row.ms)),
      pill(row.input_tokens !== null && `${number(row.input_tokens)} in`), pill(row.output_tokens !== null && `${number(row.output_tokens)} out`),
      pill(size(row.bytes)), pill(row.request_id), make("span", { class: "pill" }, clock(row.time))),
    row.error ? make("p", { class: "error" }, row.error) : null,
    row.rule || row.check ? make("p", { class: "cause" }, row.rule ? "Replied to by" : "Refused by", causes(row)) : null,
    request.body && request.bytes > 1048576 ? make("p", { class: "soft" }, `The first mebibyte of ${size(request.bytes)} is shown.`) : null,
  ];
}

function render(pane) {
  const { detail, pieces } = shown;
  const { row, request, response } = detail;
  const streamed = (response.headers.find(([name]) => name === "content-type")?.[1] ?? "").startsWith("text/event-stream");
  const whole = pieces.map((piece) => piece.text).join("");
  const list = streamed ? events(pieces) : [];
  const asked = parsed(request.body);
  const turns = conversation(asked, streamed ? fold(list) : parsed(whole));
  const chosen = turns && view === "conversation";
  const choice = (name, text) => {
    const button = make("button", { "aria-pressed": String((chosen ? "conversation" : "json") === name) }, text);
    button.addEventListener("click", () => { view = name; render(pane); });
    return button;
  };
  const copying = make("button", { id: "curl", title: "Copy as curl (c)" }, "Copy as curl");
  copying.addEventListener("click", () => copyCurl(copying));
  const bar = make("div", { class: "bar" },
    turns ? [choice("conversation", "Conversation"), choice("json", "JSON")] : null, make("span", { class: "gap" }), copying);
  const top = pane.scrollTop;
  pane.replaceChildren(make("div", { class: "inner" }, summary(detail), bar,
    chosen ? [turns, headersOf(detail)] : raw({ row, request, response, list, whole, streamed })));
  pane.scrollTop = top;
}

const headersOf = ({ request, response }) =>
  [remembered("request", "Request headers", request.headers), remembered("response", "Response headers", response.headers)];

function remembered(side, title, pairs) {
  const block = headers(title, pairs, opened[side]);
  block.addEventListener("toggle", () => { opened[side] = block.open; });
  return block;
}

function raw({ row, request, response, list, whole, streamed }) {
  const parts = [
    make("h3", {}, "Request"),
    request.body ? code(request.body) : make("p", { class: "soft" }, "No body."),
    remembered("request", "Headers", request.headers),
    make("h3", {}, "Response"),
  ];
  if (streamed) {
    const table = make("div", { class: "events" }, list.map((event) =>
      make("div", {}, make("span", {}, duration(event.ms)), make("span", {}, event.name), make("span", { title: event.data }, brief(event.data)))));
    parts.push(make("p", { class: "soft" }, `${list.length} events`), list.length ? table : null);
  } else {
    parts.push(whole ? code(whole) : make("p", { class: "soft" }, row.state === "open" ? "None yet." : "No body."));
  }
  if (response.cut) parts.push(make("p", { class: "soft" }, "The rest is too long to be kept."));
  parts.push(remembered("response", "Headers", response.headers));
  return parts;
}
