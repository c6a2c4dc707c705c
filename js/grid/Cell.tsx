// biome-ignore-all lint/a11y/useSemanticElements: table cells cannot be positioned.
/** One answer in the table. */

import { useSignal } from "@preact/signals";
import type { CellHead, CellStatus } from "../core/grid-protocol";
import type { CellStore } from "../core/grid-store";
import { copyText, visible } from "../render";
import { priceText, seconds } from "../reply/figures";
import { CopyIcon, StopIcon, ThumbIcon } from "../reply/icons";
import { CellText } from "./CellText";
import { rate } from "./keys";
import type { GridSession } from "./session";

const STATUSES: Record<CellStatus, string> = {
  waiting: "Waiting",
  submitted: "Responding…",
  streaming: "Streaming…",
  finished: "",
  closed: "Closed by a check",
  stopped: "Stopped",
  failed: "Failed",
  skipped: "Skipped by the race",
};

const MARKS: Record<string, string> = { p: "✓", f: "✗", e: "!", "·": "·" };
const OUTCOMES: Record<string, string> = { p: "passed", f: "failed", e: "could not be checked", "·": "open" };

interface CellProps {
  session: GridSession;
  cell: CellStore;
  at: readonly [row: number, variant: number];
}

export function Cell({ session, cell, at }: CellProps) {
  const { view } = session;
  const [row, variant] = view.focused.value;
  const [status] = cell.head.value;
  return (
    <div
      class="nbs-cell"
      role="gridcell"
      aria-colindex={at[1] + 2}
      tabIndex={row === at[0] && variant === at[1] ? 0 : -1}
      data-status={status}
      data-cell={cell.number}
      onFocus={() => {
        const [focusedRow, focusedVariant] = view.focused.peek();
        if (focusedRow !== at[0] || focusedVariant !== at[1]) view.focused.value = at;
      }}
      onDblClick={() => {
        view.opened.value = cell.number;
      }}
    >
      <div class="nbs-cell-text">
        <CellText session={session} cell={cell} />
      </div>
      <CellFooter session={session} cell={cell} />
    </div>
  );
}

export function CellFooter({ session, cell }: { session: GridSession; cell: CellStore }) {
  const { store, send, view } = session;
  const [status, , , , , , outcomes] = cell.head.value;
  const { checks } = store.layout.value;
  const { reasons = {} } = cell.details.value;
  const isOpened = view.opened.value === cell.number;
  const turned = turnedOf(session, cell.number);
  return (
    <div class="nbs-cell-footer">
      {STATUSES[status] && (
        <span class="nbs-cell-status" data-status={status}>
          {STATUSES[status]}
        </span>
      )}
      {turned && <span class="nbs-turned">{turned}</span>}
      {checks.length > 0 && (
        <span class="nbs-chips">
          {checks.map((name, index) => {
            const outcome = outcomes[index] ?? "·";
            return (
              <span key={name} class="nbs-chip" data-outcome={outcome} title={visible(reasons[name] ?? "")}>
                {MARKS[outcome]} {visible(name)}
                <span class="nbs-hidden"> {OUTCOMES[outcome]}</span>
              </span>
            );
          })}
        </span>
      )}
      <span class="nbs-cell-figures">{cellFigures(cell.head.value)}</span>
      <span class="nbs-cell-buttons">
        {send && !cell.isOver && (
          <button
            type="button"
            class="nbs-button"
            aria-label="Stop this answer"
            onClick={() => send({ name: "stop", cell: cell.number })}
          >
            <StopIcon />
          </button>
        )}
        {send && (status === "failed" || status === "stopped") && (
          <button type="button" class="nbs-button" onClick={() => send({ name: "retry", cell: cell.number })}>
            Retry
          </button>
        )}
        <Thumbs session={session} cell={cell} />
        <Copy cell={cell} />
        {!isOpened && (
          <button
            type="button"
            class="nbs-button"
            aria-label="Show this answer whole"
            title="Show this answer whole (Enter)"
            onClick={() => {
              view.opened.value = cell.number;
            }}
          >
            ⤢
          </button>
        )}
      </span>
    </div>
  );
}

/** How its outcome differs from the earlier comparison. */
function turnedOf({ store }: GridSession, number: number): string {
  const { changes } = store.figures.value;
  if (changes?.good.includes(number)) return "Turned good";
  return changes?.bad.includes(number) ? "Turned bad" : "";
}

function Thumbs({ session, cell }: { session: GridSession; cell: CellStore }) {
  const [status, , , , , , , rating] = cell.head.value;
  if (!session.send) return rating === 0 ? null : <ThumbIcon down={rating < 0} />;
  if (!cell.isOver || status === "skipped" || status === "failed") return null;
  return (
    <>
      {([1, -1] as const).map((score) => (
        <button
          key={score}
          type="button"
          class="nbs-button nbs-thumb"
          aria-pressed={rating === score}
          aria-label={score > 0 ? "Good answer" : "Bad answer"}
          onClick={() => rate(session, cell.number, score)}
        >
          <ThumbIcon down={score < 0} />
        </button>
      ))}
    </>
  );
}

function Copy({ cell }: { cell: CellStore }) {
  const copied = useSignal(false);
  return (
    <button
      type="button"
      class="nbs-button"
      aria-label={copied.value ? "Copied" : "Copy this answer"}
      onClick={async () => {
        copied.value = await copyText(cell.text.peek() ?? "", document);
      }}
      onBlur={() => {
        copied.value = false;
      }}
    >
      <CopyIcon />
    </button>
  );
}

/** "0.4 s · 52 tok/s · 38 tokens · $0.0021": what is known of it. */
export function cellFigures([, ttft, speed, tokens, cost]: CellHead): string {
  const parts = [
    ttft !== null && seconds(ttft),
    speed !== null && `${speed < 9.95 ? speed.toFixed(1) : Math.round(speed)} tok/s`,
    tokens !== null && `${tokens} tokens`,
    cost && priceText(cost),
  ];
  return parts.filter(Boolean).join(" · ");
}
