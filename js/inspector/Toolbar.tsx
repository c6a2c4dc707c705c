/** Filters for the rows, and buttons that export them. */

import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import type { InspectedRow } from "../core/inspection";
import { copyText } from "../render/clipboard";
import { jsonLines, saveAs } from "./export";
import type { Filter, Selection } from "./filter";
import type { InspectionLog } from "./log";
import { grouped } from "./wording";

const SELECTIONS: Record<Selection, string> = {
  all: "all rows",
  events: "events only",
  marks: "problems only",
};

/** How long a confirmation is shown, in ms. */
const SAID_FOR = 1500;

export interface ToolbarProps {
  log: InspectionLog;
  filter: Signal<Filter>;
  /** Numbers of the visible rows; null for all. */
  shown: readonly number[] | null;
}

export function Toolbar({ log, filter, shown }: ToolbarProps) {
  const said = useSignal("");
  const rows = () =>
    shown ? shown.map((place) => log.rows[place]).filter((row) => row !== undefined) : log.rows;
  const say = (words: string) => {
    said.value = words;
    setTimeout(() => {
      said.value = "";
    }, SAID_FOR);
  };
  return (
    <div class="nbi-toolbar">
      <input
        type="search"
        class="nbi-field"
        placeholder="Filter"
        aria-label="Filter rows by text"
        value={filter.value.words}
        onInput={({ currentTarget }) => {
          filter.value = { ...filter.value, words: currentTarget.value };
        }}
      />
      <select
        class="nbi-field"
        aria-label="Rows"
        value={filter.value.selection}
        onChange={({ currentTarget }) => {
          filter.value = { ...filter.value, selection: currentTarget.value as Selection };
        }}
      >
        {Object.entries(SELECTIONS).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <span class="nbi-count" role="status">
        {said.value || counted(shown, log.count.value)}
      </span>
      <button
        type="button"
        class="nbs-button nbi-button"
        title="Copy the rows that are shown, as JSON lines"
        onClick={async () => say((await copied(rows(), log)) ? "Copied" : "The browser blocked it")}
      >
        Copy
      </button>
      <button
        type="button"
        class="nbs-button nbi-button"
        title="Save the rows that are shown in a file of JSON lines"
        onClick={() =>
          saveAs(
            "stream.jsonl",
            jsonLines(rows(), (row) => log.chunk(row)),
            document,
          )
        }
      >
        Save
      </button>
    </div>
  );
}

function copied(rows: readonly InspectedRow[], log: InspectionLog): Promise<boolean> {
  return copyText(jsonLines(rows, (row) => log.chunk(row)).join(""), document);
}

function counted(shown: readonly number[] | null, count: number): string {
  return shown ? `${grouped(shown.length)} of ${grouped(count)} rows` : `${grouped(count)} rows`;
}
