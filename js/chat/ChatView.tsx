/** One view of a chat: header, messages and the box in which the next one is written. */

import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { visible } from "../render";
import { useAnnouncements } from "../view/announce";
import { mount } from "../view/mount";
import { followTheme } from "../view/theme";
import { Composer } from "./Composer";
import type { Chat } from "./chat";
import { dropHandlers } from "./dropping";
import { Header } from "./Header";
import { History } from "./History";
import { ViewProvider, ViewState } from "./view-state";

/** Draws a chat into `host` until the returned function is called. */
export function mountChat(host: HTMLElement, chat: Chat): () => void {
  return mount(host, chat.typeset, <ChatView chat={chat} />);
}

function ChatView({ chat }: { chat: Chat }) {
  const root = useRef<HTMLElement>(null);
  const view = useMemo(() => new ViewState(chat), [chat]);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  useAnnouncements(useComputed(() => chat.store.turns.value.at(-1)?.reply.status.value ?? "finished"));
  const dragged = useSignal(false);
  const height = chat.height.value;
  return (
    <section
      ref={root}
      class="nbstream nbs-chat"
      style={{ height: height ? `${height}px` : undefined }}
      data-lm-suppress-shortcuts="true"
      aria-label={visible(chat.store.meta.value.title) || "Chat"}
      data-dropping={dragged.value || undefined}
      onKeyDown={(event) => heedKey(event, view)}
      {...dropHandlers(dragged, (files) => view.attachments.add(files))}
    >
      <ViewProvider value={view}>
        <Header />
        <History key={height > 0} />
        <Composer />
      </ViewProvider>
    </section>
  );
}

/** The notebook would take keys for commands: Enter runs the cell and throws the view away. */
function heedKey(event: KeyboardEvent, view: ViewState): void {
  event.stopPropagation();
  if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
  if (view.chat.busy.peek()) view.chat.stopper.request();
  view.focusInput();
}
