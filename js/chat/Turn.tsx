/** One turn: the user's message and the model's answer. */

import type { TurnStore } from "../core/chat-store";
import { NoticeLine, StaleMark } from "../reply/messages";
import { Answer } from "./Answer";
import { UserMessage } from "./UserMessage";
import { useSender, useView } from "./view-state";

export function Turn({ turn }: { turn: TurnStore }) {
  const view = useView();
  const { send, refusal } = useSender();
  const answerAgain = (name: "regenerate" | "continue") => {
    if (view.chat.busy.peek()) return;
    view.keepFocus();
    send({ name, id: turn.id });
  };
  const live = view.chat.kind === "live";
  const onRegenerate = live ? () => answerAgain("regenerate") : undefined;
  const onContinue = live ? () => answerAgain("continue") : undefined;
  return (
    <article class="nbs-turn" aria-label="Turn">
      <UserMessage turn={turn} />
      {turn.head.value.stale && <StaleMark label="Regenerate" onAgain={onRegenerate} />}
      <Answer turn={turn} send={send} onRegenerate={onRegenerate} onContinue={onContinue} />
      {refusal.value && <NoticeLine text={refusal.value} />}
    </article>
  );
}
