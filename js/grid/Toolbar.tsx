/** What is done with the whole table: its order, how answers are shown, Stop. */

import type { Signal } from "@preact/signals";
import { visible } from "../render";
import { StopIcon } from "../reply/icons";
import type { SortKey } from "./rows";
import type { GridSession } from "./session";

const SORT_KEYS: [SortKey, string][] = [
  ["row", "Row"],
  ["ttft", "Time to first token"],
  ["rate", "Tokens/s"],
  ["tokens", "Tokens"],
  ["cost", "Price"],
  ["length", "Length"],
  ["checks", "Checks passed"],
  ["rating", "Rating"],
];

export function Toolbar({ session, narrow }: { session: GridSession; narrow: boolean }) {
  const { store, view, stop } = session;
  const { variants, rows, n } = store.layout.value;
  const { done } = store.figures.value;
  return (
    <div class="nbs-toolbar" role="toolbar" aria-label="Comparison">
      {narrow && (
        <Variants session={session} label="Variant" value={view.only.value} take={take(view.only)} />
      )}
      {rows.length * n > 1 && <SortBy session={session} />}
      {variants.length > 1 && (
        <Toggle signal={view.diff} label="Differences" title="Mark the differences to the baseline (d)" />
      )}
      <Toggle signal={view.raw} label="Text" title="Show answers as text instead of Markdown (r)" />
      <Toggle signal={view.folded} label="Fold" title="Show low rows" />
      {stop && !done && (
        <button
          type="button"
          class="nbs-button nbs-framed"
          disabled={stop.state.value === "asked"}
          onClick={() => stop.request()}
        >
          <StopIcon /> Stop all
        </button>
      )}
    </div>
  );
}

function SortBy({ session }: { session: GridSession }) {
  const { view } = session;
  const sorting = view.sorting.value;
  return (
    <>
      <label>
        Sort by{" "}
        <select
          value={sorting.key}
          onChange={(event) => {
            const key = event.currentTarget.value as SortKey;
            view.sorting.value = { ...sorting, key };
          }}
        >
          {SORT_KEYS.map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {sorting.key !== "row" && (
        <Variants
          session={session}
          label="of"
          value={sorting.variant}
          take={(variant) => {
            view.sorting.value = { ...sorting, variant };
          }}
        />
      )}
      <button
        type="button"
        class="nbs-button"
        aria-pressed={sorting.descending}
        aria-label="Descending"
        title="Reverse the order"
        onClick={() => {
          view.sorting.value = { ...sorting, descending: !sorting.descending };
        }}
      >
        {sorting.descending ? "↓" : "↑"}
      </button>
    </>
  );
}

interface VariantsProps {
  session: GridSession;
  label: string;
  value: number;
  take: (variant: number) => void;
}

function Variants({ session, label, value, take: onTake }: VariantsProps) {
  const { variants } = session.store.layout.value;
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={(event) => onTake(Number(event.currentTarget.value))}>
        {variants.map(({ name }, variant) => (
          <option key={name} value={variant}>
            {visible(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Toggle({ signal, label, title }: { signal: Signal<boolean>; label: string; title: string }) {
  return (
    <button
      type="button"
      class="nbs-button"
      aria-pressed={signal.value}
      title={title}
      onClick={() => {
        signal.value = !signal.value;
      }}
    >
      {label}
    </button>
  );
}

function take(signal: Signal<number>): (value: number) => void {
  return (value) => {
    signal.value = value;
  };
}
