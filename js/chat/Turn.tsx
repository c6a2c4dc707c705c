/** One turn: what the reader said, what the model did and answered. */

import type { TurnStore } from "../core/chat-store";
import { NoticeLine } from "../view/messages";
import { Answer } from "./Answer";
import { Said } from "./Said";
import { useSender, useView } from "./view-state";

export function Turn({ turn }: { turn: TurnStore }) {
  const view = useView();
  const { send, refusal } = useSender();
  const regenerate = () => {
    if (view.chat.busy.peek()) return;
    view.keepFocus();
    send({ t: "regenerate", id: turn.id });
  };
  const onRegenerate = view.chat.kind === "live" ? regenerate : undefined;
  return (
    <article class="nbs-turn" aria-label="Turn">
      <Said turn={turn} />
      {turn.head.value.stale && <StaleMark onRegenerate={onRegenerate} />}
      <Answer turn={turn} send={send} onRegenerate={onRegenerate} />
      {refusal.value && <NoticeLine text={refusal.value} />}
    </article>
  );
}

function StaleMark({ onRegenerate }: { onRegenerate: (() => void) | undefined }) {
  return (
    <div class="nbs-stale">
      <NoticeLine text="An earlier turn has changed since this was answered." />
      {onRegenerate && (
        <button type="button" class="nbs-button nbs-framed" onClick={onRegenerate}>
          Regenerate
        </button>
      )}
    </div>
  );
}
