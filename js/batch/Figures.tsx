/** The figures of the whole batch: how far it is, speed, tokens, price, errors by kind. */

import { visible } from "../render/invisible";
import type { BatchSession } from "./session";
import { counted, figureTexts, phaseText } from "./wording";

export function Figures({ live }: { live: BatchSession }) {
  const { store } = live;
  const figures = store.figures.value;
  const done = figures.answered + figures.failed;
  const share = (count: number) => `${(100 * count) / Math.max(1, store.total)}%`;
  return (
    <header class="nbs-batch-figures">
      <div
        class="nbs-batch-bar"
        role="progressbar"
        aria-label="Rows that have ended"
        aria-valuemin={0}
        aria-valuemax={store.total}
        aria-valuenow={done}
      >
        <div style={{ width: share(figures.answered) }} />
        <div class="nbs-batch-bar-failed" style={{ width: share(figures.failed) }} />
      </div>
      <ul>
        {figureTexts(figures, store.total).map((text) => (
          <li key={text.replace(/[\d.,]+/g, "")}>{text}</li>
        ))}
        {figures.errors.map(([kind, count]) => (
          <li key={`error ${kind}`} class="nbs-batch-error">
            {visible(kind)}: {count}
          </li>
        ))}
      </ul>
      <p role="status" class="nbs-batch-phase">
        {visible(phaseText(figures)) || <span class="nbs-hidden">{spoken(live)}</span>}
      </p>
    </header>
  );
}

/** Announced when it changes: the figures themselves would be announced five times a second. */
function spoken({ store }: BatchSession): string {
  const { phase, answered, failed } = store.figures.value;
  if (phase === "running") return "The batch runs.";
  return phase === "ended" ? `The batch has ended: ${counted(answered, "answer")}, ${failed} failed.` : "";
}
