/**
 * The inspector of one reply: its events, the raw chunks behind them, and when they came. Loaded on demand,
 * with its stylesheet, so that views of answers stay small.
 *
 * All its data is untrusted, from a server or a notebook, and becomes text nodes.
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
