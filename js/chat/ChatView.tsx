/** One view of a live chat: header, messages and input box. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { mount } from "../reply/mount";
import { ChatFrame } from "./ChatFrame";
import { Composer } from "./Composer";
import { dropHandlers } from "./dropping";
import { Header } from "./Header";
import { keepKey } from "./keys";
import { RestoreBanner } from "./RestoreBanner";
import type { LiveSession } from "./session";
import { ViewState } from "./view-state";

/** Draws a chat into `host` until the returned function is called. */
export function mountChat(host: HTMLElement, chat: LiveSession): () => void {
  return mount(host, chat.typeset, <ChatView chat={chat} />);
}

function ChatView({ chat }: { chat: LiveSession }) {
  const view = useMemo(() => new ViewState(chat), [chat]);
  const dragged = useSignal(false);
  const onKeyDown = (event: KeyboardEvent) => {
    keepKey(event);
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    if (chat.busy.peek()) chat.stopControl.request();
    view.focusInput();
  };
  return (
    <ChatFrame
      view={view}
      above={
        <>
          <Header />
          <RestoreBanner />
        </>
      }
      below={<Composer />}
      attributes={{
        onKeyDown,
        "data-dropping": dragged.value || undefined,
        ...dropHandlers(dragged, (files) => view.attachments.add(files)),
      }}
    />
  );
}
