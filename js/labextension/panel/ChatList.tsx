/** The panel: chats with their turns, in order. */

import { useSignal } from "@preact/signals";
import type { ListedChat, ListedTurn } from "../../core/cell-protocol";
import { visible } from "../../render/invisible";

export interface ChatListProps {
  /** Null if no notebook is open. */
  chats: readonly ListedChat[] | null;
  /** The cells of the notebook. */
  cells: ReadonlySet<string>;
  /** How many answers of the notebook are part of no conversation in its kernel. */
  saved: number;
  /** Whether the kernel has loaded nbstream. */
  isLoaded: boolean;
  show(cell: string): void;
  /** Runs cells from top to bottom; resolves when all have ended. */
  run(cells: readonly string[]): Promise<unknown>;
  /** Makes the saved answers part of the conversation; resolves to the number of those that were not. */
  restore(): Promise<number>;
}

const WORDS: Readonly<Record<string, string>> = {
  submitted: "waiting",
  streaming: "streaming",
  stopped: "stopped",
  failed: "failed, not sent",
};

export function ChatList({ chats, saved, isLoaded, restore, ...rest }: ChatListProps) {
  if (!chats) return <p class="nbs-chats-empty">Open a notebook to see its chats.</p>;
  if (chats.length === 0 && saved === 0)
    return (
      <p class="nbs-chats-empty">
        No chats in this kernel yet. Run a cell that begins with <code>%%chat</code>, with the question below,
        and its turns are listed here.
      </p>
    );
  return (
    <>
      {saved > 0 && <Saved saved={saved} isLoaded={isLoaded} restore={restore} />}
      {chats.map((chat) => (
        <ChatSection key={chat.name} chat={chat} {...rest} />
      ))}
    </>
  );
}

/** Offers the answers of an earlier kernel to the next cells. */
function Saved({ saved, isLoaded, restore }: Pick<ChatListProps, "saved" | "isLoaded" | "restore">) {
  const problem = useSignal("");
  const answers = saved === 1 ? "1 saved answer is" : `${saved} saved answers are`;
  const onClick = async () => {
    const missing = await restore().catch(() => saved);
    if (missing > 0)
      problem.value = `Not added: ${missing}. Run these cells again: variables on their first line have no value now.`;
  };
  return (
    <section class="nbs-chats-saved" aria-label="Saved answers">
      <p>{answers} of an earlier session, and not part of a conversation in this kernel.</p>
      {isLoaded ? (
        <button
          type="button"
          class="nbs-chats-run"
          title="Add the saved questions and answers to the chats of this kernel. No cell is run."
          onClick={() => void onClick()}
        >
          Continue the Saved Conversation
        </button>
      ) : (
        <p>
          Run <code>%load_ext nbstream</code> to continue from {saved === 1 ? "it" : "them"}.
        </p>
      )}
      <p role="status">{problem.value}</p>
    </section>
  );
}

function ChatSection({
  chat,
  cells,
  show,
  run,
}: { chat: ListedChat } & Pick<ChatListProps, "cells" | "show" | "run">) {
  const running = useSignal(false);
  const stale = staleCells(chat, cells);
  const runStale = async () => {
    running.value = true;
    await run(stale);
    running.value = false;
  };
  const name = visible(chat.name);
  return (
    <section class="nbs-chats-chat" aria-label={`Chat ${name}`}>
      <h3>
        {name}
        {chat.current && <small>in use</small>}
      </h3>
      {stale.length > 0 && (
        <button
          type="button"
          class="nbs-chats-run"
          disabled={running.value}
          title="Ask the marked turns again, from top to bottom. Other cells are not run."
          onClick={() => void runStale()}
        >
          {stale.length === 1 ? "Run 1 Stale Turn" : `Run ${stale.length} Stale Turns`}
        </button>
      )}
      <ol>
        {chat.turns.map((turn, at) => (
          <Turn key={at} turn={turn} isHere={cells.has(turn.cell)} show={show} />
        ))}
      </ol>
    </section>
  );
}

function Turn({ turn, isHere, show }: { turn: ListedTurn; isHere: boolean; show(cell: string): void }) {
  const remarks = remarksOn(turn);
  return (
    <li>
      <button
        type="button"
        disabled={!isHere}
        title={isHere ? "Go to the cell" : "The cell is not in this notebook"}
        onClick={() => show(turn.cell)}
      >
        <span class="nbs-chats-prompt">{visible(turn.prompt) || "(no text)"}</span>
        {remarks.length > 0 && (
          <span class="nbs-chats-remarks">
            {turn.stale && <span class="nbs-chats-mark">⚠ </span>}
            {remarks.join(" · ")}
          </span>
        )}
      </button>
    </li>
  );
}

function remarksOn({ stale, status, versions }: ListedTurn): string[] {
  const word = WORDS[status];
  return [
    ...(stale ? ["stale: an earlier turn changed"] : []),
    ...(word ? [word] : []),
    ...(versions > 1 ? [`${versions} versions`] : []),
  ];
}

/** Those of the notebook, each once, in the order of the turns. */
function staleCells({ turns }: ListedChat, cells: ReadonlySet<string>): string[] {
  return [...new Set(turns.filter(({ stale, cell }) => stale && cells.has(cell)).map(({ cell }) => cell))];
}
