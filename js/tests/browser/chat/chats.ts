/** Chats as Python describes them, for the tests of the view. */

import type { ChatMeta, ChatSnapshot, TurnSnapshot } from "../../../core/chat-protocol";
import { EMPTY_CHAT } from "../../../core/chat-store";
import type { Snapshot } from "../../../core/protocol";
import { ANSWER, CALLS, DONE_META, FAILED, FINISHED, META } from "../widget/replies";

export const CHAT_META: ChatMeta = {
  ...EMPTY_CHAT.meta,
  title: "Chat",
  model: "gpt-5-mini",
  placeholder: "Ask anything",
};

export const EMPTY: ChatSnapshot = { ...EMPTY_CHAT, seq: 1, meta: CHAT_META };

/** A reply that is over. */
export function answered(id: string, text: string): Snapshot {
  return { ...FINISHED, id, text, reasoning: "", meta: DONE_META };
}

export function turn(id: string, text: string, parts: Partial<TurnSnapshot> = {}): TurnSnapshot {
  return {
    id,
    text,
    images: [],
    version: 0,
    versions: 1,
    stale: false,
    reply: answered(`${id}-1`, `You said: *${text}*`),
    ...parts,
  };
}

export function chat(turns: TurnSnapshot[], meta: Partial<ChatMeta> = {}): ChatSnapshot {
  return { v: 1, seq: 1, meta: { ...CHAT_META, ...meta }, turns };
}

export const FIRST = turn("t1", "How do I stream the answer of a chat model?", {
  reply: answered("t1-1", ANSWER),
});

export const TALK = chat([
  FIRST,
  turn(
    "t2",
    "And what does this do?\n\n```python\nasync for text in chat.send(prompt):\n    print(text)\n```",
    {
      version: 1,
      versions: 2,
      stale: true,
      reply: answered(
        "t2-2",
        "It prints the text of the answer **as it arrives**, piece by piece, until the stream ends.",
      ),
    },
  ),
]);

export const BUSY = chat(
  [
    FIRST,
    turn("t3", "Thank you. Now in one sentence, please.", {
      reply: {
        ...answered("t3-1", "Open the request with `stream=True` and append every delta th"),
        status: "streaming",
        meta: { ...META, ttft: 0.6, elapsed: 2 },
      },
    }),
  ],
  { busy: true },
);

export const BROKEN = chat([turn("t4", "Name the three steps.", { reply: { ...FAILED, id: "t4-1" } })]);

export const TOOLS = chat(
  [
    turn("t5", "Should I take an umbrella to Oslo? If so, add it to my list.", {
      reply: {
        ...answered("t5-1", ""),
        status: "streaming",
        tools: CALLS,
        meta: { ...META, elapsed: 4, ttft: 0.9 },
      },
    }),
  ],
  { busy: true },
);
