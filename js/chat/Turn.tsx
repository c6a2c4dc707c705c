/** One turn: what the reader said, what the model did and answered. */

import type { TurnStore } from "../core/chat-store";
import { NoticeLine } from "../view/messages";
import { Answer } from "./Answer";
import { Said } from "./Said";
import { useSender, useView } from "./view-state";

export function Turn({ turn }: { turn: TurnStore }) {
  const view = useView();
  const { send, refusal } = useSender();
  const answerAgain = (t: "regenerate" | "continue") => {
    if (view.chat.busy.peek()) return;
    view.keepFocus();
    send({ t, id: turn.id });
  };
  const regenerate = () => answerAgain("regenerate");
  return (
    <article class="nbs-turn" aria-label="Turn">
      <Said turn={turn} />
      {turn.head.value.stale && <StaleMark onRegenerate={regenerate} />}
      <Answer turn={turn} send={send} onRegenerate={regenerate} onContinue={() => answerAgain("continue")} />
      {refusal.value && <NoticeLine text={refusal.value} />}
    </article>
  );
}

function StaleMark({ onRegenerate }: { onRegenerate: () => void }) {
  return (
    <div class="nbs-stale">
      <NoticeLine text="An earlier turn has changed since this was answered." />
      <button type="button" class="nbs-button nbs-framed" onClick={onRegenerate}>
        Regenerate
      </button>
    </div>
  );
}
