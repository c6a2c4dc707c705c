/** A saved chat: its messages can be read but not continued. */

import { useMemo } from "preact/hooks";
import { ChatFrame } from "../../chat/ChatFrame";
import { ViewState } from "../../chat/view-state";
import { visible } from "../../render";
import { mount } from "../../reply/mount";
import type { SavedChatSession } from "./session";

/** Draws a chat into `host` until the returned function is called. */
export function mountSavedChat(host: HTMLElement, chat: SavedChatSession): () => void {
  return mount(host, chat.typeset, <SavedChatView chat={chat} />);
}

interface Props {
  chat: SavedChatSession;
}

function SavedChatView({ chat }: Props) {
  const view = useMemo(() => new ViewState(chat), [chat]);
  return <ChatFrame view={view} above={<Header chat={chat} />} below={<Footer chat={chat} />} />;
}

function Header({ chat }: Props) {
  const { title, system } = chat.store.meta.value;
  return (
    <header class="nbs-header">
      <div class="nbs-title-bar">
        <h2 class="nbs-title">{visible(title)}</h2>
        <span class="nbs-saved-mark">saved</span>
      </div>
      {system && (
        <details class="nbs-system">
          <summary>System prompt</summary>
          <p>{visible(system)}</p>
        </details>
      )}
    </header>
  );
}

function Footer({ chat }: Props) {
  const revive = chat.revive.value;
  const leftOut = chat.leftOut.value;
  return (
    <footer class="nbs-saved">
      <p>
        {leftOut > 0 && `The oldest ${turns(leftOut)} are not saved in the notebook. `}
        {revive ? "Run the cell to continue this chat." : "Start a kernel and run the cell to continue."}
      </p>
      {revive && (
        <button type="button" class="nbs-button nbs-framed" onClick={revive}>
          Run the cell
        </button>
      )}
    </footer>
  );
}

function turns(count: number): string {
  return count === 1 ? "turn" : `${count} turns`;
}
