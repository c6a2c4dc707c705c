/** What an edit changed: the lines of the prompts, and the answers whose outcome turned. */

import type { ReadonlySignal } from "@preact/signals";
import { visible } from "../render";
import { type GridRow, placeOf, variantOf } from "./rows";
import type { GridSession } from "./session";

interface ChangesProps {
  session: GridSession;
  /** The rows in the order of the table. */
  rows: ReadonlySignal<readonly GridRow[]>;
  narrow: ReadonlySignal<boolean>;
}

export function Changes({ session, rows, narrow }: ChangesProps) {
  const { changes } = session.store.figures.value;
  if (!changes) return null;
  const go = (number: number) => goTo(session, rows.peek(), narrow.peek(), number);
  return (
    <section class="nbs-changes" aria-label="Changes since the earlier comparison">
      <h4>Since the earlier comparison</h4>
      {changes.prompts.length > 0 && (
        <div class="nbs-diff nbs-prompt-diff">
          {changes.prompts.map((line, index) => {
            const Tag = line.startsWith("-") ? "del" : "ins";
            return <Tag key={index}>{visible(line)}</Tag>;
          })}
        </div>
      )}
      <dl>
        <Turned session={session} term="turned good" numbers={changes.good} go={go} />
        <Turned session={session} term="turned bad" numbers={changes.bad} go={go} />
        <div>
          <dt>{changes.unchanged} unchanged</dt>
        </div>
      </dl>
    </section>
  );
}

interface TurnedProps {
  session: GridSession;
  term: string;
  numbers: readonly number[];
  go: (number: number) => void;
}

function Turned({ session, term, numbers, go }: TurnedProps) {
  const { rows, variants, n } = session.store.layout.value;
  const size = variants.length * n;
  return (
    <div>
      <dt>
        {numbers.length} {term}
      </dt>
      <dd>
        {numbers.map((number) => {
          const label = rows[Math.floor(number / size)]?.label ?? "";
          const name = variants[variantOf({ variants, n }, number)]?.name ?? "";
          return (
            <button key={number} type="button" class="nbs-button nbs-framed" onClick={() => go(number)}>
              {visible(variants.length > 1 ? `${label} · ${name}` : label)}
            </button>
          );
        })}
      </dd>
    </div>
  );
}

/** Brings an answer into sight, and moves the focus there. */
function goTo({ store, view }: GridSession, rows: readonly GridRow[], narrow: boolean, number: number): void {
  const layout = store.layout.peek();
  const variant = variantOf(layout, number);
  if (narrow) view.only.value = variant;
  view.moving.value = true;
  view.focused.value = [placeOf(layout, rows, number), narrow ? 0 : variant];
}
