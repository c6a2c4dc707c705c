import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { followTheme } from "../reply/theme";
import { Details } from "./Details";
import { EventGrid } from "./EventGrid";
import { Figures } from "./Figures";
import { type Filter, Filtering } from "./filter";
import type { InspectionLog } from "./log";
import { Timeline } from "./Timeline";
import { Toolbar } from "./Toolbar";
import { grouped } from "./wording";

export function Inspector({ log }: { log: InspectionLog }) {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  const filter = useSignal<Filter>({ selection: "all", words: "" });
  const filtering = useMemo(() => new Filtering(filter.value, (row) => log.chunk(row)), [filter.value, log]);
  const shown = { rows: filtering.update(log.rows), count: log.count.value };
  const selected = useSignal(-1);
  const chosen = useComputed(() => (log.count.value > selected.value ? log.rows[selected.value] : undefined));
  return (
    <section
      ref={root}
      class="nbstream nbi"
      aria-label="Stream inspector"
      data-lm-suppress-shortcuts="true"
      // The notebook would handle a letter as one of its shortcuts.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <Figures log={log} />
      <Timeline log={log} onChoose={(place) => (selected.value = place)} />
      <Toolbar log={log} filter={filter} shown={shown.rows} />
      <EventGrid log={log} shown={shown.rows} selected={selected} />
      <Details row={chosen.value} chunk={log.chunk(chosen.value)} />
      <Remarks log={log} />
    </section>
  );
}

function Remarks({ log }: { log: InspectionLog }) {
  const lines = [missing(log), ...(log.summary.value?.remarks ?? [])].filter(Boolean);
  return (
    <div role="status">
      {lines.map((line) => (
        <p key={line} class="nbi-remark">
          {line}
        </p>
      ))}
    </div>
  );
}

function missing(log: InspectionLog): string {
  if (log.state.value !== "gone") return "";
  if (log.count.value === 0) {
    return "The kernel no longer has this answer. Run the cell again to inspect it.";
  }
  return `The first ${grouped(log.count.value)} rows are saved here; the kernel no longer has the rest.`;
}
