/** The model's reasoning: open while it thinks, folded to one line when the answer begins. */

import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { isOver, type ReplyStore } from "../core/store";
import { useMetaAge } from "./clock";
import { seconds } from "./figures";
import { Prose } from "./Prose";

export function Reasoning({ store }: { store: ReplyStore }) {
  const thought = useComputed(() => store.text.value !== "" || isOver(store.status.value));
  const some = useComputed(() => store.reasoning.value !== "");
  const open = useSignal(!thought.peek());
  // It opens and folds automatically once per answer; after that the user decides.
  useSignalEffect(() => {
    open.value = !thought.value;
  });
  if (!some.value) return null;
  return (
    <details
      class="nbs-reasoning"
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>
        <Heading store={store} thinking={!thought.value} />
      </summary>
      {/* The reversed flex direction keeps the newest line visible without scripting. */}
      <section class="nbs-thoughts" aria-label="Reasoning">
        <Prose class="nbs-prose" text={store.reasoning} done={thought} />
      </section>
    </details>
  );
}

function Heading({ store, thinking }: { store: ReplyStore; thinking: boolean }) {
  const took = store.meta.value.reasoning_seconds;
  const age = useMetaAge(store, thinking);
  if (thinking) return <>Thinking · {Math.floor((took ?? 0) + age)} s</>;
  return <>{took === null ? "Thought" : `Thought for ${seconds(took)}`}</>;
}
