/** The view of a saved answer, which may have several versions. */

import { NoticeLine } from "../view/messages";
import { ReplyView } from "../view/ReplyView";
import { VersionPager } from "../view/VersionPager";
import type { SavedAnswer } from "./answer";
import type { CellAround } from "./cells";
import { useInspectable } from "./SavedInspection";

const ONLY_SHOWN = "This version is only shown: the conversation in the kernel does not go on from it.";

export interface SavedViewProps {
  answer: SavedAnswer;
  /** The notebook cell around the view. */
  cell: CellAround | null;
  /** Whether the cell may be run from here. */
  trusted: boolean;
}

export function SavedView({ answer, cell, trusted }: SavedViewProps) {
  const hasKernel = cell?.hasKernel.value ?? false;
  const inspectable = useInspectable(answer.replyId.value, cell);
  const choose = async (number: number) => (await cell?.choose(number)) ?? false;
  return (
    <ReplyView
      store={answer.store}
      inspectable={inspectable}
      onRetry={trusted && hasKernel ? cell?.run : undefined}
      below={answer.onlyShown.value && <NoticeLine text={ONLY_SHOWN} />}
      actions={
        <VersionPager
          version={answer.shown.value}
          versions={answer.count.value}
          onChoose={(index) => void answer.choose(index, choose)}
        />
      }
    />
  );
}
