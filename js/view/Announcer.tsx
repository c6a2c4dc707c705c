/**
 * What a screen reader says. The text of the answer is not live: word by word it would be unbearable, so the
 * reader hears that an answer comes and that it is complete, and then reads it at leisure.
 */

import { useRef } from "preact/hooks";
import type { Status } from "../core/protocol";
import { isOver, type ReplyStore } from "../core/store";

const WORDS: Record<Status, string> = {
  submitted: "Responding…",
  streaming: "Responding…",
  finished: "Answer complete",
  stopped: "Answer stopped",
  failed: "The answer failed",
};

export function Announcer({ store }: { store: ReplyStore }) {
  const status = store.status.value;
  // A saved answer that a notebook opens with is not news.
  const saved = useRef(isOver(store.status.peek()));
  if (!isOver(status)) saved.current = false;
  return (
    <div class="nbs-hidden" role="status" aria-live="polite">
      {saved.current ? "" : WORDS[status]}
    </div>
  );
}
