/** Token counts, as the server reported them. The twin of `nbstream/types/usage.py`. */

import type { Usage } from "../../../core/protocol";
import { isObject, type JsonObject } from "./content";

/** Reads the `usage` object of a chunk; tolerates missing and odd fields. */
export function usageOf(usage: JsonObject): Usage {
  const input = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const output = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  return {
    input: countOf(usage.prompt_tokens),
    output: countOf(usage.completion_tokens),
    total: countOf(usage.total_tokens),
    // DeepSeek, Moonshot and Anthropic put it next to the other counts.
    cached:
      countOf(input.cached_tokens) ??
      countOf(usage.prompt_cache_hit_tokens) ??
      countOf(usage.cached_tokens) ??
      countOf(usage.cache_read_input_tokens),
    reasoning: countOf(output.reasoning_tokens) ?? countOf(usage.reasoning_tokens),
  };
}

/** Whether no token was counted at all. */
export function isZero({ input, output, total }: Usage): boolean {
  return !(input || output || total);
}

/** A count, also as text. */
function countOf(value: unknown): number | null {
  const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isInteger(count) && (count as number) >= 0 ? (count as number) : null;
}
