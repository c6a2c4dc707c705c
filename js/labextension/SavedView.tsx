/** The view of a saved answer, which may have several versions. */

import type { MimeContent } from "@jupyterlab/rendermime";
import { type Signal, useSignal } from "@preact/signals";
import { ShadingIcon } from "../reply/icons";
import { NoticeLine, StaleMark } from "../reply/messages";
import { ReplyView } from "../reply/ReplyView";
import { VersionPager } from "../reply/VersionPager";
import type { SavedAnswer } from "./answer";
import type { CellAround } from "./cells";
import { useInspectable } from "./SavedInspection";
import { ShadedText } from "./SavedTokens";

const ONLY_SHOWN = "This version is only displayed: the conversation in the kernel does not use it.";
const EARLIER = "From an earlier session: not part of this conversation.";

export interface SavedViewProps {
  answer: SavedAnswer;
  /** The notebook cell around the view. */
  cell: CellAround | null;
  /** Whether the view may run the cell. */
  trusted: boolean;
  /** Replaces the output by one that shows another version. */
  onChosen: (output: MimeContent) => void;
}

export function SavedView({ answer, cell, trusted, onChosen }: SavedViewProps) {
  const runs = trusted && cell?.hasKernel.value ? cell : null;
  const run = runs ? () => void runs.run() : undefined;
  const reply = answer.replyId.value;
  const inspectable = useInspectable(reply, cell);
  const refusal = useRefusal(answer);
  const shading = useSignal(false);
  const tokens = answer.tokens.value;
  const choose = async (number: number) => {
    const output = await cell?.choose(number);
    if (output) onChosen(output);
    return output != null;
  };
  const rate = async (score: 1 | 0 | -1, note: string) => {
    if (cell && reply) onChosen(await cell.rate(reply, score, note));
  };
  return (
    <ReplyView
      store={answer.store}
      inspectable={inspectable}
      onRate={cell?.hasKernel.value && reply ? rate : undefined}
      onRetry={run}
      onContinue={runs && reply ? () => refusal.learn(runs.continueReply(reply)) : undefined}
      below={
        <>
          {answer.onlyShown.value && <NoticeLine text={ONLY_SHOWN} />}
          {reply && cell?.isEarlier(reply) && <NoticeLine text={EARLIER} warns={false} />}
          {(answer.stale.value || cell?.stale.value) && <StaleMark label="Run again" onAgain={run} />}
          {refusal.text && <NoticeLine text={refusal.text} />}
        </>
      }
      instead={shading.value && tokens.length > 0 && <ShadedText tokens={tokens} />}
      actions={
        <>
          {tokens.length > 0 && <ShadingButton shading={shading} />}
          <VersionPager
            version={answer.shown.value}
            versions={answer.count.value}
            onChoose={(index) => void answer.choose(index, choose)}
          />
        </>
      }
    />
  );
}

function ShadingButton({ shading }: { shading: Signal<boolean> }) {
  return (
    <button
      type="button"
      class="nbs-button"
      aria-pressed={shading.value}
      title={shading.value ? "Show the rendered answer" : "Shade the tokens by their probability"}
      aria-label="Token probabilities"
      onClick={() => {
        shading.value = !shading.value;
      }}
    >
      <ShadingIcon />
    </button>
  );
}

/** Why the kernel refused to continue the shown version. */
function useRefusal(answer: SavedAnswer) {
  const refused = useSignal({ reply: "", text: "" });
  return {
    text: refused.value.reply === answer.replyId.value ? refused.value.text : "",
    async learn(reason: Promise<string>): Promise<void> {
      const reply = answer.replyId.peek();
      refused.value = { reply, text: await reason };
    },
  };
}
