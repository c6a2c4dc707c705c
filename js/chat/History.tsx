/** The list of messages. */

import { computed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { ChatStore, TurnStore } from "../core/chat-store";
import { visible } from "../render";
import { SCROLLABLE } from "../reply/scrollable";
import { DownIcon } from "./icons";
import { LazyMount } from "./LazyMount";
import { type Page, paginate } from "./pages";
import { Turn } from "./Turn";
import { useView } from "./view-state";
import { VisibilityObserver } from "./visibility-observer";

/** How many turns at the end are drawn immediately when a view opens: enough to fill the visible part. */
const DRAWN_AT_ONCE = 4;

const EMPTY = { live: "What would you like to ask?", saved: "This chat has no messages." };

export function History() {
  const { chat, bottom } = useView();
  const pages = useMemo(() => pagesOf(chat.store), [chat]);
  const scroller = useRef<HTMLDivElement>(null);
  const visibility = useMemo(
    () => new VisibilityObserver(() => (chat.height.peek() > 0 ? scroller.current : null)),
    [chat],
  );
  const column = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => (scroller.current && column.current ? bottom.attach(scroller.current, column.current) : undefined),
    [bottom],
  );
  const count = chat.store.turns.value.length;
  return (
    <div class="nbs-history">
      <section
        ref={scroller}
        class="nbs-list"
        aria-label="Conversation"
        {...SCROLLABLE}
        data-pinned={bottom.pinned}
      >
        <div ref={column} class="nbs-column">
          {count === 0 && <p class="nbs-empty">{EMPTY[chat.kind]}</p>}
          {pages.value.map((page, index) => (
            <PageOfTurns
              key={page.id}
              visibility={visibility}
              page={page}
              last={index === pages.value.length - 1}
            />
          ))}
        </div>
      </section>
      {!bottom.pinned.value && <JumpButton />}
    </div>
  );
}

function JumpButton() {
  const view = useView();
  const jump = () => {
    view.bottom.pin();
    view.keepFocus();
  };
  return (
    <button type="button" class="nbs-jump" aria-label="Jump to latest" title="Jump to latest" onClick={jump}>
      <DownIcon />
    </button>
  );
}

function pagesOf({ turns }: ChatStore) {
  let before: Page[] = [];
  return computed(() => {
    before = paginate(turns.value, before);
    return before;
  });
}

interface PageOfTurnsProps {
  visibility: VisibilityObserver;
  page: Page;
  last: boolean;
}

function PageOfTurns({ visibility, page: { turns }, last }: PageOfTurnsProps) {
  return (
    <LazyMount
      visibility={visibility}
      near={last}
      estimate={() => turns.reduce((height, turn) => height + estimatedHeight(turn), 0)}
      words={() => turns.map(wordsOf).join("\n")}
    >
      {() =>
        turns.map((turn, index) => (
          <LazyMount
            key={turn.id}
            visibility={visibility}
            near={last && index >= turns.length - DRAWN_AT_ONCE}
            estimate={() => estimatedHeight(turn)}
            words={() => wordsOf(turn)}
          >
            {() => <Turn turn={turn} />}
          </LazyMount>
        ))
      }
    </LazyMount>
  );
}

/** Estimated height in CSS pixels, at the usual width and font size; replaced once it is drawn. */
function estimatedHeight({ head, reply }: TurnStore): number {
  const lines = reply.text.peek().length / 90 + head.peek().text.length / 70;
  return 130 + 22 * Math.min(Math.ceil(lines), 60);
}

function wordsOf({ head, reply }: TurnStore): string {
  return visible(`${head.peek().text}\n${reply.text.peek()}`);
}
