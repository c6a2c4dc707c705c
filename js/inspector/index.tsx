/**
 * The inspector of one reply: its events, the raw chunks behind them, and when they came. Loaded when a reader
 * asks for it, so no view of an answer pays for it; it brings its stylesheet along.
 *
 * All that it shows comes from a server or out of a notebook, and becomes text nodes.
 */

import { render } from "preact";
import type { InspectionSource } from "../core/inspection";
import { Inspector } from "./Inspector";
import css from "./inspector.css" with { type: "text" };
import { InspectionLog } from "./log";

export function mountInspector(host: HTMLElement, source: InspectionSource): () => void {
  const log = new InspectionLog();
  render(
    <>
      <style>{css}</style>
      <Inspector log={log} />
    </>,
    host,
  );
  void log.follow(source);
  return () => {
    log.close();
    render(null, host);
  };
}
