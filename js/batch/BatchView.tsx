/** The live table of one batch. */

import { render } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { STOP_UNHEARD } from "../kernel/stop";
import { followTheme } from "../reply/theme";
import { Arrangement } from "./arrangement";
import { ExchangePanel } from "./ExchangePanel";
import { Figures } from "./Figures";
import { NoticeText } from "./NoticeText";
import { RowTable } from "./RowTable";
import type { BatchSession } from "./session";
import { Toolbar } from "./Toolbar";

const UNHEARD = "The kernel has not responded yet. It may be busy.";
const LOST = "The kernel has ended. Run the cell again: it sends only what the store lacks.";

/** Draws a batch into `host` until the returned function is called. */
export function mountBatch(host: HTMLElement, live: BatchSession): () => void {
  render(<BatchView live={live} host={host} />, host);
  return () => render(null, host);
}

function BatchView({ live, host }: { live: BatchSession; host: object }) {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  const arrangement = useMemo(() => {
    const { store, view, hits } = live;
    return new Arrangement({ store, sorting: view.sorting, selection: view.selection, hits });
  }, [live]);
  useLayoutEffect(() => () => arrangement.dispose(), [arrangement]);
  const { opened } = live.view;
  const close = () => {
    opened.value = -1;
    root.current?.querySelector<HTMLElement>('[role="grid"]')?.focus({ preventScroll: true });
  };
  return (
    <article
      ref={root}
      class="nbstream nbs-batch"
      data-lm-suppress-shortcuts="true"
      aria-label="Batch"
      onKeyDown={(event) => {
        // The notebook would handle Enter as "run this cell" and remove the view.
        event.stopPropagation();
        if (event.key === "Escape" && opened.peek() >= 0) close();
      }}
    >
      <Figures live={live} />
      <Toolbar live={live} rows={arrangement.rows} />
      {live.stop.state.value === "unheard" && <NoticeText text={STOP_UNHEARD} />}
      {live.lost.value && <NoticeText text={LOST} />}
      {!live.lost.value && live.overdue.value && <NoticeText text={UNHEARD} />}
      {live.notice.value && <NoticeText text={live.notice.value} />}
      <RowTable live={live} host={host} rows={arrangement.rows} />
      {opened.value >= 0 && <ExchangePanel live={live} row={opened.value} onClose={close} />}
    </article>
  );
}
