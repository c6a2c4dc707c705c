/** A saved chat for its views: it sends nothing, and its versions can be viewed without a kernel. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { SavedSession } from "../../chat/session";
import type { ChatRequest, TurnSnapshot } from "../../core/chat-protocol";
import { ChatStore, EMPTY_CHAT } from "../../core/chat-store";
import { typesetterFrom } from "../../reply/typesetting";
import type { CellAround } from "../cells";
import type { SavedTurn, Transcript } from "./saved-chat";

const META = { ...EMPTY_CHAT.meta, title: "Chat" };

const typeset = typesetterFrom(() => import("../../math"));

export class SavedChatSession implements SavedSession {
  readonly kind = "saved";
  readonly store = new ChatStore({ ...EMPTY_CHAT, meta: META });
  readonly typeset = typeset;
  readonly busy = signal(false);
  readonly #cell: Signal<CellAround | null> = signal(null);
  /** Runs the cell, which makes the chat live again; null if that is not possible. */
  readonly revive = computed(() => {
    const cell = this.#cell.value;
    return cell?.hasKernel.value ? () => cell.run() : null;
  });
  readonly #height = signal(0);
  readonly #leftOut = signal(0);
  #turns: readonly SavedTurn[] = [];
  #seq = 0;

  get height(): ReadonlySignal<number> {
    return this.#height;
  }

  /** How many of the oldest turns were not saved. */
  get leftOut(): ReadonlySignal<number> {
    return this.#leftOut;
  }

  /** The cell that the view may run. */
  setCell(cell: CellAround | null): void {
    this.#cell.value = cell;
  }

  load({ height, leftOut, system, turns }: Transcript): void {
    this.#turns = turns;
    this.#seq += 1;
    batch(() => {
      this.#height.value = height;
      this.#leftOut.value = leftOut;
      const meta = { ...META, system };
      const shown = turns.map((turn) => this.#shown(turn, turn.active));
      this.store.applySnapshot({ v: 1, seq: this.#seq, meta, turns: shown });
    });
  }

  async send(request: ChatRequest): Promise<void> {
    if (request.name !== "choose") return;
    const at = this.#turns.findIndex(({ id }) => id === request.id);
    const turn = this.#turns[at];
    if (!turn) return;
    this.#seq += 1;
    this.store.apply({ t: "turn", seq: this.#seq, at, turn: this.#shown(turn, request.version) });
  }

  #shown({ id, stale, active, versions }: SavedTurn, number: number): TurnSnapshot {
    const chosen = versions[number] ?? versions[active] ?? versions[0];
    if (!chosen) throw new Error("A turn has at least one version.");
    // Each needs its own id: the store keeps only the newest state per id.
    const reply = { ...chosen.reply, id: `${id}-${number}`, seq: this.#seq };
    return { ...chosen, id, stale, version: number, versions: versions.length, reply };
  }
}
