/** Groups turns into pages: distant turns are laid out page by page, not one by one. */

import type { TurnStore } from "../core/chat-store";

/** Number of turns per page. */
const PAGE_SIZE = 32;

export interface Page {
  /** Unique among the pages of a chat; it stays the same while any of its turns remains. */
  id: string;
  turns: readonly TurnStore[];
}

/**
 * The pages of `turns`, in their order. A turn stays in its page of `before`, so that nothing is redrawn when
 * turns are added or removed elsewhere.
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
