/** Replies as the kernel describes them, for the tests of the view. */

import type { Meta, Snapshot, ToolActivity, ToolPatch } from "../../../core/protocol";
import { EMPTY_SNAPSHOT } from "../../../core/store";

export const META: Meta = {
  ...EMPTY_SNAPSHOT.meta,
  model: "gpt-5-mini",
  provider: "openrouter",
  host: "openrouter.ai",
};

export const DONE_META: Meta = {
  ...META,
  elapsed: 8.2,
  ttft: 0.62,
  duration: 8.2,
  tokens_per_second: 41.3,
  usage: { input: 25, output: 312, total: 337, cached: 16, reasoning: 64 },
  finish_reason: "stop",
};

export const SUBMITTED: Snapshot = { ...EMPTY_SNAPSHOT, id: "reply-1", seq: 1, meta: META };

export const ANSWER = `## Streaming in three steps

Tokens arrive as **server-sent events**; each one carries a *delta*. Read more in the
[HTML standard](https://html.spec.whatwg.org/multipage/server-sent-events.html).

1. Open the request with \`stream=True\`.
2. Decode the bytes, whatever way they are cut:
   - inside a character,
   - inside a line end.
3. Append each delta to what is already there.

\`\`\`python
async def deltas(response):
    async for event in events(response.aiter_bytes()):
        if event.data == "[DONE]":
            return
        yield json.loads(event.data)["choices"][0]["delta"]
\`\`\`

| metric | before | after |
|:-------|-------:|------:|
| time to first token | 0.90 s | 0.62 s |
| CPU per 1,000 chunks | 215 ms | 3.6 ms |

> A stream that merely ends has not said that it is complete.
`;

export const REASONING = `The reader wants a short recipe. I should name the three steps, show code that works on
any split of the bytes, and give figures.

**Checking the figures**: 215 µs a chunk for the iterator, 3.6 µs for reading the bytes.`;

export const FINISHED: Snapshot = {
  ...SUBMITTED,
  seq: 90,
  status: "finished",
  text: ANSWER,
  reasoning: REASONING,
  meta: { ...DONE_META, reasoning_seconds: 12.3 },
};

/** With an image that it holds, one on the web, and sources with and without title and address. */
export const ILLUSTRATED: Snapshot = {
  ...FINISHED,
  text: "Bread costs **3.20 €** on average [1], up from 2.80 € [2].",
  reasoning: "",
  images: [
    "data:image/gif;base64,R0lGODlhAQABAPAAAP8AAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==",
    "https://pictures.example/1.png",
  ],
  citations: [
    { url: "https://a.example/x", title: "Prices of bread" },
    { url: "https://b.example/", title: "" },
    { url: "javascript:alert(1)", title: "No web address" },
  ],
};

export const FAILED: Snapshot = {
  ...FINISHED,
  status: "failed",
  text: "The three steps are:\n\n1. Open the request with `stream=True`.\n2. Decode the by",
  reasoning: "",
  meta: {
    ...META,
    ttft: 0.62,
    notices: [{ kind: "skipped", text: "One chunk could not be read and was left out." }],
    error: {
      kind: "interrupted",
      type: "StreamInterruptedError",
      message: "The connection ended before the answer was complete.",
      advice:
        "Run the cell again to retry. If it happens often, check the proxy between you and openrouter.ai.",
    },
  },
};

export function toolCall(parts: Partial<ToolActivity>): ToolActivity {
  return {
    id: "call-1",
    name: "weather",
    arguments: '{"city": "Oslo", "days": 3}',
    state: "returned",
    result: "3 °C, light rain; 5 °C, cloudy; 6 °C, sun",
    ...parts,
  };
}

/** One of each kind: done, asking, failed. */
export const CALLS: ToolActivity[] = [
  toolCall({}),
  toolCall({
    id: "call-2",
    name: "add_to_list",
    arguments: '{"item": "umbrella"}',
    state: "asking",
    result: null,
  }),
  toolCall({
    id: "call-3",
    name: "search_web",
    state: "failed",
    result: "TimeoutError: no answer after 10 s",
  }),
];

/** What the kernel says of the call at a place: `arguments` are added to those that it has. */
export function toolPatch(at: number, parts: Partial<ToolActivity>, offset = 0): ToolPatch {
  const call = toolCall({ arguments: "", ...parts });
  return { ...call, at, arguments: [offset, call.arguments] };
}

/** Waits for the user's decision on one of its calls. */
export const ASKING: Snapshot = {
  ...SUBMITTED,
  status: "streaming",
  text: "Let me look at the weather first.\n\n",
  tools: CALLS,
  meta: { ...META, elapsed: 4, ttft: 0.9 },
};
