// A request and its response as people read them: turns, tools, thinking, images.

import { code, id, json, make, pill } from "./dom.js";

// What an image may be; anything else is named, not shown.
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

// The most blocks of a message that are shown.
const MOST = 1000;

// The turns of a conversation, or null if the request is none.
export function conversation(request, response) {
  const messages = request?.messages;
  if (!Array.isArray(messages)) return null;
  const parts = [];
  if (Array.isArray(request.tools) && request.tools.length) parts.push(tools(request.tools));
  if (request.system) parts.push(turn("system", blocks(request.system)));
  // The calls whose results come later, by id.
  const calls = new Map();
  for (const message of messages) {
    const content = message?.content;
    for (const block of Array.isArray(content) ? content : []) {
      if (block?.type === "tool_use") calls.set(block.id, block.name);
    }
    parts.push(turn(String(message?.role ?? ""), blocks(content, calls)));
  }
  if (response) parts.push(answer(response, calls));
  return make("div", { class: "turns" }, parts);
}

function answer(response, calls) {
  if (response.error) {
    const { type, message } = response.error;
    return turn("error", [make("p", { class: "bad" }, `${type ?? "error"}: ${message ?? ""}`)]);
  }
  const reason = response.stop_reason && response.stop_reason !== "end_turn" ? pill(response.stop_reason, "warn") : null;
  const shown = turn("assistant", [...blocks(response.content ?? [], calls), reason]);
  shown.classList.add("said");
  shown.id = "said";
  return shown;
}

export const turn = (role, children) =>
  make("article", { class: `turn ${/^[a-z]+$/.test(role) ? role : ""}` }, make("h4", {}, role), children);

function tools(list) {
  const named = (tool) => make("li", {},
    make("code", {}, String(tool?.name ?? tool?.mcp_server_name ?? tool?.type ?? "")),
    make("span", { class: "soft" }, tool?.description ? ` ${tool.description}` : ""),
    tool?.input_schema ? make("details", {}, make("summary", {}, "schema"), json(tool.input_schema)) : null);
  return make("details", { class: "turn offered" }, make("summary", {}, `${list.length} tool${list.length > 1 ? "s" : ""}`),
    make("ul", {}, list.map(named)));
}

export function blocks(content, calls = new Map()) {
  if (typeof content === "string") return [text(content)];
  if (!Array.isArray(content)) return content ? [json(content)] : [];
  return content.map((block) => shown(block, calls));
}

const text = (said) => make("p", { class: "text" }, String(said ?? ""));

function shown(block, calls) {
  switch (block?.type) {
    case "text":
      return make("div", {}, text(block.text), citations(block.citations));
    case "thinking":
      return make("details", { class: "thinking", open: true }, make("summary", {}, "thinking"), text(block.thinking));
    case "redacted_thinking":
      return make("p", { class: "soft" }, "thinking, redacted");
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return tool("→", block.name, block.id, [given(block.input)]);
    case "image":
      return image(block.source);
    case "document":
      return source(block.title ?? "document", block.source);
    case "tool_result":
      return tool(block.is_error ? "✗" : "←", calls.get(block.tool_use_id) ?? "result", block.tool_use_id,
        blocks(block.content ?? ""), block.is_error);
    default:
      if (String(block?.type).endsWith("_tool_result")) return tool("←", block.type, block.tool_use_id, [json(block.content)]);
      return json(block);
  }
}

function tool(arrow, name, key, children, failed) {
  return make("div", { class: `tool ${failed ? "failed" : ""}` },
    make("div", { class: "call" }, make("b", {}, `${arrow} ${name ?? ""}`), make("span", { class: "soft" }, key ?? "")), children);
}

// A tool's input: JSON, or while it arrives what there is of it.
const given = (input) => (typeof input === "string" ? code(input) : json(input ?? {}));

function citations(list) {
  if (!Array.isArray(list) || !list.length) return null;
  return make("ul", { class: "citations" }, list.map((one) =>
    make("li", {}, make("q", {}, String(one?.cited_text ?? "")), ` ${one?.document_title ?? one?.title ?? one?.url ?? ""}`)));
}

function image(from) {
  const shows = from?.type === "base64" && IMAGES.includes(from.media_type) && /^[A-Za-z0-9+/=\s]*$/.test(from.data ?? "");
  if (!shows) return source("image", from);
  const picture = make("img", { src: `data:${from.media_type};base64,${from.data}`, alt: from.media_type });
  picture.addEventListener("error", () => picture.replaceWith(source("image", from)));
  return picture;
}

function source(name, from) {
  const where = from?.type === "file" ? id(String(from.file_id)) : from?.type === "url" ? String(from.url) : from?.media_type ?? from?.type ?? "";
  const inner = from?.type === "text" ? text(from.data) : null;
  return make("div", { class: "tool" }, make("div", { class: "call" }, make("b", {}, String(name)), make("span", { class: "soft" }, where)), inner);
}

// ---- streams

// The message that a stream's events have made so far; null before it begins.
export function fold(events) {
  let message = null;
  for (const { data } of events) {
    let event;
    try { event = JSON.parse(data); } catch { continue; }
    if (event?.type === "error") return { ...message, error: event.error ?? {} };
    if (event?.type === "message_start") message = { ...event.message, content: [] };
    if (!message || (event.index !== undefined && !(event.index >= 0 && event.index < MOST))) continue;
    if (event.type === "content_block_start") message.content[event.index] = started(event.content_block);
    if (event.type === "content_block_delta") extend(message.content[event.index], event.delta ?? {});
    if (event.type === "message_delta") Object.assign(message, event.delta);
  }
  if (message) message.content = Array.from(message.content, (block) => block ?? {});
  return message;
}

// A call's input comes in pieces, but that of some is whole from the start.
function started(block) {
  const whole = block?.input && Object.keys(block.input).length > 0;
  return whole ? { ...block } : { ...block, input: undefined };
}

function extend(block, delta) {
  if (!block) return;
  for (const [name, into] of [["text", "text"], ["thinking", "thinking"], ["partial_json", "input"]]) {
    if (typeof delta[name] === "string") block[into] = (block[into] ?? "") + delta[name];
  }
  if (delta.citation) block.citations = [...(block.citations ?? []), delta.citation];
}
