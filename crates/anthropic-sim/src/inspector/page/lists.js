// The views beside the requests: batches, files, sessions, rules and checks, each a list and the detail of one.

import { blocks, turn } from "./conversation.js";
import { clock, id, json, make, number, pill, size, target } from "./dom.js";

const TONES = { ended: "good", idle: "good", in_progress: "warn", canceling: "warn", running: "warn", rescheduling: "warn", terminated: "bad" };
const state = (text) => pill(text ? String(text).replaceAll("_", " ") : "", TONES[text] ?? "");
const mono = (text) => make("code", {}, String(text ?? ""));
const counts = (batch) => Object.entries(batch.request_counts ?? {}).filter(([, count]) => count > 0).map(([name, count]) => `${count} ${name}`).join(", ");

// A detail's head, with a link to the requests that were about it.
function about(title, facts, key) {
  return [make("h2", {}, title), make("div", { class: "facts" }, facts),
    key ? make("p", {}, make("a", { href: target("requests", "", key) }, "Its requests")) : null];
}

const whole = (value) => [make("h3", {}, "JSON"), json(value)];

const batches = {
  title: "Batches",
  none: "No batches.",
  path: "/batches",
  columns: [["Batch"], ["State"], ["Requests", "wide"], ["Created", "wide"], ["Ended", "wide"]],
  items: (list) => list.data ?? [],
  key: (batch) => batch.id,
  cells: (batch) => [[mono(batch.id), make("span", { class: "below soft" }, counts(batch))], [state(batch.processing_status)], [counts(batch)],
    [clock(batch.created_at)], [batch.ended_at ? clock(batch.ended_at) : ""]],
  text: (batch) => `${batch.id} ${batch.processing_status} ${counts(batch)}`,
  detail: (batch) => [about(batch.id, [state(batch.processing_status), pill(counts(batch)), make("span", { class: "pill" }, clock(batch.created_at))], batch.id), whole(batch)],
};

const files = {
  title: "Files",
  none: "No files.",
  path: "/files",
  columns: [["File"], ["Name"], ["Type", "wide"], ["Size", "wide right"], ["Created", "wide"]],
  items: (list) => list.data ?? [],
  key: (file) => file.id,
  cells: (file) => [[mono(file.id)], [file.filename ?? ""], [file.mime_type ?? ""], [size(file.size_bytes ?? 0)], [clock(file.created_at)]],
  text: (file) => `${file.id} ${file.filename} ${file.mime_type}`,
  detail: (file) => [about(file.filename ?? file.id, [pill(file.mime_type), pill(size(file.size_bytes ?? 0)), make("span", { class: "pill" }, clock(file.created_at))], file.id), whole(file)],
};

const sessions = {
  title: "Sessions",
  none: "No sessions.",
  path: "/sessions",
  columns: [["Session"], ["State"], ["Agent", "wide"], ["Events", "wide right"], ["Created", "wide"]],
  items: (list) => list.data ?? [],
  key: ({ session }) => session.id,
  cells: ({ session, events }) => [[mono(session.id), make("span", { class: "below soft" }, session.agent?.name ?? "")], [state(session.status)],
    [session.agent?.name ?? session.agent?.id ?? ""], [number(events.length)], [clock(session.created_at)]],
  text: ({ session }) => `${session.id} ${session.status} ${session.agent?.name} ${session.agent?.id} ${session.title} ${session.environment_id}`,
  detail: ({ session, events, resources }) => [
    about(session.title ?? session.id, [state(session.status), pill(session.agent?.name), pill(session.agent?.model?.id), pill(session.id), pill(session.environment_id)], session.id),
    make("div", { class: "turns" }, events.map(happened)),
    resources.length ? [make("h3", {}, "Resources"), make("ul", {}, resources.map((one) => make("li", {}, mono(one.type), " ", id(String(one.file_id ?? one.memory_store_id ?? one.url ?? one.id)))))] : null,
    whole(session)],
};

// An event of a session.
function happened(event) {
  const [who, what = ""] = String(event.type).split(".", 2);
  if (what === "message") return turn(who, blocks(event.content));
  if (what.endsWith("tool_use")) return turn(who, blocks([{ type: "tool_use", id: event.id, name: event.name, input: event.input }]));
  if (what.endsWith("tool_result")) {
    return turn(who, blocks([{ type: "tool_result", tool_use_id: event.custom_tool_use_id ?? event.tool_use_id, content: event.content, is_error: event.is_error }]));
  }
  if (what === "thinking") return turn(who, [make("p", { class: "soft" }, "thinking")]);
  const reason = event.stop_reason?.type;
  return make("p", { class: "happened" }, what.replaceAll("_", " "), reason ? `: ${reason.replaceAll("_", " ")}` : "", " ", clock(event.processed_at));
}

const times = (many) => (many === 1 ? "once" : `${number(many)} times`);

const brief = (value) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));

const rules = {
  title: "Rules",
  none: "No rules. They come by --script, or with POST to /_sim/rules.",
  path: "/rules",
  columns: [["#", "right"], ["When"], ["Reply"], ["Used", "right"]],
  items: (list) => list.rules ?? [],
  key: (rule) => String(rule.number),
  cells: (rule) => [[String(rule.number)], [mono(typeof rule.rule === "string" ? rule.rule : brief(rule.rule?.when) || "always")],
    [mono(brief(rule.rule?.reply ?? rule.rule?.replies))], [number(rule.used)]],
  text: (rule) => brief(rule.rule),
  detail: (rule) => [about(`Rule ${rule.number}`, [pill(`used ${times(rule.used)}`)], `rule:${rule.number}`), json(rule.rule)],
};

const checks = {
  title: "Checks",
  none: "No checks.",
  path: "/checks",
  columns: [["Check"], ["State"], ["Refused", "right"]],
  items: (list) => list.data ?? [],
  key: (check) => check.name,
  cells: (check) => [[mono(check.name)], [state(check.on ? "on" : "off")], [check.refused ? number(check.refused) : ""]],
  text: (check) => `${check.name} ${check.on ? "on" : "off"}`,
  detail: (check) => [
    about(check.name, [state(check.on ? "on" : "off"), pill(`refused ${times(check.refused)}`)], check.refused ? `check:${check.name}` : ""),
    make("p", { class: "soft" }, "A rule on conversations, which the API refuses as well. ", make("code", {}, `--lenient=${check.name}`), " switches it off.")],
};

export const LISTS = { batches, files, sessions, rules, checks };
