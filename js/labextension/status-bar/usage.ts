/**
 * The tokens and the cost of a notebook, read from its outputs: no kernel is asked. A notebook may be from an untrusted
 * source, so every value is checked.
 */

import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import { COMPARISON_MIMETYPE } from "../../core/grid-protocol";
import type { Usage } from "../../core/protocol";
import { REPLY_MIMETYPE } from "../../core/protocol";
import type { Output } from "../../page/live-outputs";
import { unpackedChat } from "../chats/unpacking";
import { type Fields, isRecord, number, record, text } from "../fields";
import { unpacked } from "../packing";

/** What one request used. */
interface Used {
  model: string;
  /** When it was sent, in ISO 8601; "" if unknown. */
  created: string;
  input: number;
  output: number;
  /** In US dollars; null if unknown. */
  cost: number | null;
}

export interface Totals {
  /** All answers, with other versions. */
  answers: number;
  /** The model of the newest answer; "" if unknown. */
  model: string;
  input: number;
  output: number;
  /** In US dollars. */
  cost: number;
  /** How many answers have no price, so that they are not part of `cost`. */
  unpriced: number;
}

/** A cache by the output's metadata: a notebook is added up after each change. */
const known = new WeakMap<object, Used[]>();

/** Adds up all outputs of a notebook. */
export function totalsOf(outputs: Iterable<Output>): Totals {
  const all = [...outputs].flatMap(usedIn);
  const sum = (figure: (used: Used) => number) => all.reduce((total, used) => total + figure(used), 0);
  const newest = all.reduce<Used | null>(
    (last, used) => (last && last.created > used.created ? last : used),
    null,
  );
  return {
    answers: all.length,
    model: newest?.model ?? "",
    input: sum(({ input }) => input),
    output: sum(({ output }) => output),
    cost: sum(({ cost }) => cost ?? 0),
    unpriced: all.filter(({ cost }) => cost === null).length,
  };
}

function usedIn(output: Output): Used[] {
  const { metadata } = output;
  const before = known.get(metadata);
  if (before) return before;
  const used = read(output);
  known.set(metadata, used);
  return used;
}

function read({ data, metadata }: Output): Used[] {
  const provenance = record(metadata.nbstream);
  if (REPLY_MIMETYPE in data) {
    const [, about] = unpacked(data[REPLY_MIMETYPE], provenance, data["text/markdown"]);
    const others = Array.isArray(about.versions) ? about.versions.map((other) => record(other).nbstream) : [];
    return [about, ...others].map((one) => usedBy(record(one)));
  }
  if (CHAT_MIMETYPE in data) {
    const chat = unpackedChat(data[CHAT_MIMETYPE], provenance, data["text/markdown"]);
    const { answers } = chat.provenance;
    return (Array.isArray(answers) ? answers : []).filter(isRecord).map(usedBy);
  }
  return COMPARISON_MIMETYPE in data ? ofComparison(provenance) : [];
}

function usedBy(about: Fields): Used {
  const usage = record(about.usage) as { [name in keyof Usage]?: unknown };
  const [input, output, total] = [number(usage.input), number(usage.output), number(usage.total)];
  return {
    model: text(about.model_resolved) ?? text(about.model) ?? "",
    created: text(about.created) ?? "",
    input: input ?? Math.max(0, (total ?? 0) - (output ?? 0)),
    output: output ?? 0,
    cost: number(usage.cost),
  };
}

/** A comparison saves the output tokens and the cost of its cells. */
function ofComparison({ output_tokens: tokens, cost }: Fields): Used[] {
  const costs: unknown[] = Array.isArray(cost) ? cost : [];
  const outputs: unknown[] = Array.isArray(tokens) ? tokens : [];
  return Array.from({ length: Math.max(costs.length, outputs.length) }, (_, index) => ({
    model: "",
    created: "",
    input: 0,
    output: number(outputs[index]) ?? 0,
    cost: number(costs[index]),
  }));
}
