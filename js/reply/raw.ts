/** The source of an answer, and whether it is shown. */

import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import type { ReplyStore } from "../core/store";
import { pageWide } from "../page/shared";

/** Ids of the answers whose source is shown: it stays visible when a saved view replaces a live one. */
const page = pageWide<{ raw: Set<string> }>("raw/1");

/** Whether the source of an answer is shown. */
export function useRaw(id: string): Signal<boolean> {
  page.raw ??= new Set();
  const raw = useSignal(page.raw.has(id));
  useLayoutEffect(() => {
    raw.value = page.raw?.has(id) === true;
  }, [id]);
  useSignalEffect(() => {
    if (id) page.raw?.[raw.value ? "add" : "delete"](id);
  });
  return raw;
}

/** The JSON of data, or the Markdown of an answer. */
export function sourceOf(store: ReplyStore): string {
  return store.json.value || store.text.value;
}
