/** What is done with the whole batch, and which rows are shown. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { grouped } from "../reply/figures";
import type { Selection } from "./order";
import type { Action, BatchSession } from "./session";
import { counted } from "./wording";

const SELECTIONS: [Selection, string][] = [
  ["all", "All rows"],
  ["answered", "Answered"],
  ["failed", "Failed"],
  ["cut", "Cut off"],
  ["refused", "Refused"],
  ["invalid", "Invalid"],
  ["sent", "Sent"],
  ["waiting", "Waiting"],
];

/** How long typing may pause before the search begins, in ms. */
const TYPING = 250;

export function Toolbar({ live, rows }: { live: BatchSession; rows: ReadonlySignal<Int32Array> }) {
  const { store, view, hits } = live;
  const text = view.text.value;
  useEffect(() => {
    const timer = setTimeout(() => live.find(text), text === "" ? 0 : TYPING);
    return () => clearTimeout(timer);
  }, [live, text]);
  const isFiltered = view.selection.value !== "all" || hits.value !== null;
  const isSearching = hits.value?.done === false;
  return (
    <div class="nbs-toolbar" role="toolbar" aria-label="Batch">
      {!live.lost.value && <Buttons live={live} />}
      <input
        type="search"
        placeholder="Filter by text"
        aria-label="Filter rows by text"
        disabled={live.lost.value}
        value={text}
        onInput={(event) => {
          view.text.value = event.currentTarget.value;
        }}
      />
      <select
        aria-label="Filter rows by status"
        value={view.selection.value}
        onChange={(event) => {
          view.selection.value = event.currentTarget.value as Selection;
        }}
      >
        {SELECTIONS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {isFiltered && (
        <span class="nbs-batch-count">
          {isSearching ? "Searching… " : ""}
          {grouped(rows.value.length)} of {counted(store.total, "row")}
        </span>
      )}
    </div>
  );
}

function Buttons({ live }: { live: BatchSession }) {
  const { phase, failed, in_flight: sent, jobs } = live.store.figures.value;
  const button = (action: Action, label: string, title: string) => (
    <button
      key={action}
      type="button"
      class="nbs-button nbs-framed"
      title={title}
      onClick={() => live.act(action)}
    >
      {label}
    </button>
  );
  return (
    <>
      {phase === "running" && button("pause", "Pause", "Send nothing new until Resume")}
      {phase === "paused" && button("resume", "Resume", "Continue to send")}
      {(phase === "running" || phase === "paused") && (
        <button
          type="button"
          class="nbs-button nbs-framed"
          title="Send nothing new, and wait for the requests in flight"
          disabled={live.stop.state.value === "asked"}
          onClick={() => live.stop.request()}
        >
          Stop
        </button>
      )}
      {phase === "draining" &&
        jobs === null &&
        button("cancel", `Cancel ${counted(sent, "request")}`, "Their answers are lost, and may be charged")}
      {failed > 0 &&
        phase !== "draining" &&
        button("retry", `Retry ${grouped(failed)} failed`, "Send the rows that failed again")}
    </>
  );
}
