/** Shown before the first token: the request is running, and for how long. */

import { useComputed } from "@preact/signals";
import type { Retrying } from "../core/protocol";
import { isOver, type ReplyStore } from "../core/store";
import { useMetaAge } from "./clock";

/** After this many seconds without a token, the wait is described. */
const LONG_WAIT = 10;

export function Waiting({ store }: { store: ReplyStore }) {
  const meta = store.meta.value;
  const silent = useComputed(() => store.text.value === "" && store.reasoning.value === "");
  const waiting = !isOver(store.status.value) && (silent.value || meta.retrying !== null);
  const age = useMetaAge(store, waiting);
  if (!waiting) return null;
  const words = meta.retrying
    ? retryWords(meta.retrying, age)
    : waitWords(meta.model ?? "the model", Math.floor(meta.elapsed + age), meta.loading);
  return (
    <div class="nbs-waiting">
      <span class="nbs-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{words}</span>
    </div>
  );
}

export function waitWords(model: string, elapsed: number, loading = ""): string {
  if (loading) return `Loading ${loading} on this machine · ${elapsed} s`;
  if (elapsed < LONG_WAIT) return `Waiting for ${model} · ${elapsed} s`;
  return `Still waiting for ${model}: no response for ${elapsed} s`;
}

/** `age`: seconds since the kernel announced the retry. */
export function retryWords({ reason, wait, attempt, attempts }: Retrying, age: number): string {
  const left = Math.ceil(wait - age);
  const when = left > 0 ? `Trying again in ${left} s` : "Trying again now";
  return `${reason.replace(/\.$/, "")}. ${when} (${attempt} of ${attempts})`;
}
