/** One answer, shown whole above the table, with the reasons of its checks and the reader's note. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { CellStatus } from "../core/grid-protocol";
import type { CellStore } from "../core/grid-store";
import { visible } from "../render";
import { InspectButton, InspectorPanel, useInspecting } from "../reply/inspecting";
import { CellFooter } from "./Cell";
import { CellText } from "./CellText";
import { variantOf } from "./rows";
import type { GridSession } from "./session";

const UNANSWERED = new Set<CellStatus>(["failed", "skipped"]);
const NOTE_CHARS = 2000;

export function Opened({ session, number }: { session: GridSession; number: number }) {
  const { store, view } = session;
  const button = useRef<HTMLButtonElement>(null);
  const cell = store.cells.value[number];
  const inspectable = cell && cell.head.value[0] !== "waiting" ? session.inspectable(number) : undefined;
  const inspecting = useInspecting(inspectable?.id);
  useLayoutEffect(() => button.current?.focus({ preventScroll: true }), [number]);
  if (!cell) return null;
  const { variants, rows, n } = store.layout.value;
  const variant = variants[variantOf(store.layout.value, number)];
  const row = rows[Math.floor(number / (variants.length * n))];
  const { reasons = {} } = cell.details.value;
  return (
    <section class="nbs-opened" aria-label={`Answer of ${variant?.name}`}>
      <header>
        <strong>{visible(variant?.name ?? "")}</strong>
        {rows.length > 1 && <span>{visible(row?.label ?? "")}</span>}
        <span class="nbs-opened-buttons">
          {session.adopt && cell.isOver && !UNANSWERED.has(cell.head.value[0]) && (
            <button
              type="button"
              class="nbs-button nbs-framed"
              title="Continue a chat from this answer"
              onClick={() => session.adopt?.(number)}
            >
              Adopt
            </button>
          )}
          {inspectable && <InspectButton inspectable={inspectable} open={inspecting} />}
        </span>
        <button
          ref={button}
          type="button"
          class="nbs-button nbs-framed"
          onClick={() => {
            view.opened.value = null;
          }}
        >
          Close
        </button>
      </header>
      <div class="nbs-opened-text">
        <CellText key={number} session={session} cell={cell} />
      </div>
      <ul class="nbs-reasons">
        {Object.entries(reasons).map(([name, reason]) => (
          <li key={name}>
            {visible(name)}: {visible(reason)}
          </li>
        ))}
      </ul>
      <CellFooter session={session} cell={cell} />
      <Note session={session} cell={cell} />
      {inspectable && inspecting.value && <InspectorPanel key={number} inspectable={inspectable} />}
    </section>
  );
}

/** The reader's note, with or without a rating. */
function Note({ session, cell }: { session: GridSession; cell: CellStore }) {
  const rating = cell.head.value[7];
  const { note = "" } = cell.details.value;
  const { send } = session;
  if (!send) return note ? <p class="nbs-note">{visible(note)}</p> : null;
  if (!cell.isOver || cell.head.value[0] === "skipped") return null;
  return (
    <input
      // Each answer has its own box: what is in it is not taken to the next one.
      key={cell.number}
      class="nbs-note-box"
      aria-label="Note on this answer"
      placeholder="Note"
      maxLength={NOTE_CHARS}
      defaultValue={note}
      onChange={(event) =>
        send({ name: "rate", cell: cell.number, score: rating, note: event.currentTarget.value })
      }
    />
  );
}
