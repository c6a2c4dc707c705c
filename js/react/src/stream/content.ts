/**
 * The text and the reasoning in a message, in any form that servers use. The twin of
 * `nbstream/wire/content.py`, without images and sources.
 */

export type JsonObject = Record<string, unknown>;

/** A piece of an answer. */
export interface Delta {
  type: "text" | "reasoning";
  text: string;
}

const REASONING = ["reasoning_content", "reasoning", "thinking", "reasoning_text", "reasoning_details"];

/** Maximum nesting of parts. */
const DEPTH = 8;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reasoning under any of its names; if a server sends two, the first counts. */
export function reasoningOf(delta: JsonObject): string {
  return REASONING.map((name) => joined(delta[name])).find((text) => text !== "") ?? "";
}

/** The deltas of a message's content, or of its audio transcript. */
export function contentDeltas(delta: JsonObject): Delta[] {
  const { content, audio } = delta;
  if (!content && isObject(audio)) return textDelta(audio.transcript);
  return pieces(content, 0);
}

/** The text of a string, or of a list of parts. */
export function joined(parts: unknown): string {
  if (typeof parts === "string") return parts;
  const list = Array.isArray(parts) ? parts : [parts];
  return list.map(textOf).join("");
}

function pieces(content: unknown, depth: number): Delta[] {
  if (typeof content === "string") return textDelta(content);
  if (depth >= DEPTH) return [];
  if (Array.isArray(content)) return content.flatMap((part) => pieces(part, depth + 1));
  return isObject(content) ? partDeltas(content, depth + 1) : [];
}

function partDeltas(part: JsonObject, depth: number): Delta[] {
  const { type, text, audio } = part;
  if (type === "thinking" || type === "reasoning")
    return [{ type: "reasoning", text: reasoningOf(part) || joined(part.summary) || joined(part) }];
  if (type === "audio") return textDelta(isObject(audio) ? audio.transcript : part.transcript);
  if (typeof text === "string" || isObject(text)) return textDelta(textOf(part));
  return pieces(part.content ?? part.parts, depth);
}

/** The text of a part; some wrap it in another object, with annotations. */
function textOf(part: unknown): string {
  if (typeof part === "string") return part;
  if (!isObject(part)) return "";
  const text = isObject(part.text) ? part.text.value : part.text;
  const said = text || part.summary;
  return typeof said === "string" ? said : "";
}

function textDelta(text: unknown): Delta[] {
  return typeof text === "string" ? [{ type: "text", text }] : [];
}
