/** Turns in pages: what is far away from the reader is laid out page by page, not turn by turn. */

import type { TurnStore } from "../core/chat-store";

/** Turns that a page takes before the next one begins. */
const PAGE_SIZE = 32;

export interface Page {
  /** Unique among the pages of a chat, and kept as long as any of its turns stays. */
  id: string;
  turns: readonly TurnStore[];
}

/**
 * The pages of `turns`, in their order. A turn stays in the page that it had among `before`, so that nothing
 * is drawn again when turns are added or removed elsewhere.
 */
export function paginate(turns: readonly TurnStore[], before: readonly Page[]): Page[] {
  const pageOf = new Map(before.flatMap(({ id, turns: own }) => own.map((turn) => [turn, id] as const)));
  const pages: { id: string; turns: TurnStore[] }[] = [];
  for (const turn of turns) {
    const page = pages.at(-1);
    const id = pageOf.get(turn) ?? (page && page.turns.length < PAGE_SIZE ? page.id : turn.id);
    if (page?.id === id) page.turns.push(turn);
    else pages.push({ id, turns: [turn] });
  }
  return pages.map((page) => before.find((known) => sameTurns(known, page)) ?? page);
}

function sameTurns(known: Page, page: Page): boolean {
  return (
    known.id === page.id &&
    known.turns.length === page.turns.length &&
    known.turns.every((turn, index) => turn === page.turns[index])
  );
}
