/** One turn: what the reader said, what the model did and answered. */

import type { TurnStore } from "../core/chat-store";
import { NoticeLine, StaleMark } from "../view/messages";
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
  return (
    <article class="nbs-turn" aria-label="Turn">
      <Said turn={turn} />
      {turn.head.value.stale && <StaleMark label="Regenerate" onAgain={regenerate} />}
      <Answer turn={turn} send={send} onRegenerate={regenerate} />
      {refusal.value && <NoticeLine text={refusal.value} />}
    </article>
  );
}
