/** The text of an answer: as Markdown, as it is, or with its differences to the baseline. */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { CellStore } from "../core/grid-store";
import { visible } from "../render";
import { Prose } from "../reply/Prose";
import { variantOf } from "./rows";
import type { GridSession } from "./session";
import { wordDiff } from "./word-diff";

export function CellText({ session, cell }: { session: GridSession; cell: CellStore }) {
  const { view } = session;
  const text = useComputed(() => cell.text.value ?? "");
  const done = useComputed(() => cell.isOver);
  const { error } = cell.details.value;
  const other = view.diff.value ? baselineOf(session, cell) : undefined;
  return (
    <>
      {other && isAnswer(other) && isAnswer(cell) ? (
        <Differences before={other.text.value ?? ""} after={text.value} />
      ) : view.raw.value ? (
        <pre class="nbs-raw">{visible(text.value)}</pre>
      ) : (
        <Markdown text={text} done={done} />
      )}
      {error && <p class="nbs-cell-error">{visible(error)}</p>}
    </>
  );
}

/** Whether its text is whole: any other differs from the baseline by what is missing. */
function isAnswer({ head }: CellStore): boolean {
  const [status] = head.value;
  return status === "finished" || status === "closed";
}

function Markdown({ text, done }: { text: ReadonlySignal<string>; done: ReadonlySignal<boolean> }) {
  return <Prose class="nbs-prose" text={text} done={done} />;
}

function Differences({ before, after }: { before: string; after: string }) {
  if (before === after) return <p class="nbs-cell-same">The same as the baseline.</p>;
  return (
    <div class="nbs-diff">
      {wordDiff(before, after).map(([kind, text], index) => {
        const Tag = kind === "same" ? "span" : kind;
        return <Tag key={index}>{visible(text)}</Tag>;
      })}
    </div>
  );
}

/** The answer of the baseline to the same request; undefined for the baseline itself. */
function baselineOf({ store }: GridSession, { number }: CellStore): CellStore | undefined {
  const { n } = store.layout.value;
  const variant = variantOf(store.layout.value, number);
  const { baseline } = store.figures.value;
  return variant === baseline ? undefined : store.cells.value[number + (baseline - variant) * n];
}
