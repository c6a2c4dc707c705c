/** The common part of all views of a chat: the messages, with slots above and below. */

import { useComputed } from "@preact/signals";
import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { visible } from "../render";
import { useAnnouncements } from "../reply/announce";
import { followTheme } from "../reply/theme";
import { History } from "./History";
import { keepKey } from "./keys";
import { ViewProvider, type ViewState } from "./view-state";

export interface ChatFrameProps {
  view: ViewState;
  above: ComponentChildren;
  below: ComponentChildren;
  /** Handlers and attributes of the outer element. */
  attributes?: HTMLAttributes<HTMLElement> & { "data-dropping"?: boolean | undefined };
}

export function ChatFrame({ view, above, below, attributes }: ChatFrameProps) {
  const { chat } = view;
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  useAnnouncements(useComputed(() => chat.store.turns.value.at(-1)?.reply.status.value ?? "finished"));
  const height = chat.height.value;
  return (
    <section
      ref={root}
      class="nbstream nbs-chat"
      style={{ height: height ? `${height}px` : undefined }}
      data-lm-suppress-shortcuts="true"
      aria-label={visible(chat.store.meta.value.title) || "Chat"}
      onKeyDown={keepKey}
      {...attributes}
    >
      <ViewProvider value={view}>
        {above}
        <History key={height > 0} />
        {below}
      </ViewProvider>
    </section>
  );
}
