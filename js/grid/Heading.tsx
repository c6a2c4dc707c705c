// biome-ignore-all lint/a11y/useSemanticElements: table rows cannot be positioned.
// biome-ignore-all lint/a11y/useFocusableInteractive: the cells and the buttons have the focus.
/** The headings of the columns: what differs, and the figures of all answers. */

import type { ColumnFigures } from "../core/grid-protocol";
import { visible } from "../render";
import { priceText, seconds } from "../reply/figures";
import { StopIcon } from "../reply/icons";
import type { GridSession } from "./session";

export function Heading({ session, variants }: { session: GridSession; variants: readonly number[] }) {
  return (
    <div class="nbs-grid-row nbs-heading" role="row" aria-rowindex={1}>
      <div class="nbs-row-head" role="columnheader">
        Row
      </div>
      {variants.map((variant) => (
        <Column key={variant} session={session} variant={variant} />
      ))}
    </div>
  );
}

function Column({ session, variant }: { session: GridSession; variant: number }) {
  const { store, send } = session;
  const heading = store.layout.value.variants[variant];
  const { columns, baseline } = store.figures.value;
  const figures = columns[variant];
  if (!heading) return null;
  const isBaseline = baseline === variant;
  const parts = heading.differing.length > 0 ? heading.differing : [["", heading.name] as const];
  return (
    <div class="nbs-variant" role="columnheader" data-baseline={isBaseline || undefined}>
      <div class="nbs-variant-name">
        {parts.map(([part, name]) => (
          <span key={part} title={visible(part)}>
            {visible(name)}
          </span>
        ))}
      </div>
      {figures && <p class="nbs-variant-figures">{columnText(figures)}</p>}
      <div class="nbs-variant-buttons">
        {send ? (
          <button
            type="button"
            class="nbs-button"
            aria-pressed={isBaseline}
            title="Compare the other variants with this one"
            onClick={() => send({ name: "pin", variant })}
          >
            Baseline
          </button>
        ) : (
          isBaseline && <span class="nbs-badge">Baseline</span>
        )}
        {send && figures && isRunning(figures) && (
          <button
            type="button"
            class="nbs-button"
            aria-label={`Stop ${heading.name}`}
            onClick={() => send({ name: "stop", variant })}
          >
            <StopIcon /> Stop
          </button>
        )}
      </div>
    </div>
  );
}

function isRunning({ statuses }: ColumnFigures): boolean {
  return Boolean(statuses.waiting || statuses.submitted || statuses.streaming);
}

/** "80 % passed [49, 94], n = 10 · 0.4 s · 52 tok/s · 380 tokens · $0.0021 · 8 finished, 2 failed". */
export function columnText(figures: ColumnFigures): string {
  const { passed, ttft, tokens_per_second: rate, output_tokens: tokens, cost, statuses } = figures;
  const parts = [
    passed &&
      `${percent(passed[0])} % passed [${percent(passed[1])}, ${percent(passed[2])}], n = ${passed[3]}`,
    ttft !== null && `${seconds(ttft)} to first token`,
    rate !== null && `${rate < 9.95 ? rate.toFixed(1) : Math.round(rate)} tok/s`,
    tokens > 0 && `${tokens} tokens`,
    cost && priceText(cost),
    Object.entries(statuses)
      .map(([status, count]) => `${count} ${status}`)
      .join(", "),
  ];
  return parts.filter(Boolean).join(" · ");
}

function percent(share: number): number {
  return Math.round(100 * share);
}
