/** ‹1/2›: walks through the versions of a turn; the one that is shown counts for the turns after it. */

import type { TurnStore } from "../core/chat-store";
import { NextIcon, PreviousIcon } from "./icons";
import type { Sender } from "./view-state";

export function Versions({ turn, send }: { turn: TurnStore; send: Sender["send"] }) {
  const { version, versions } = turn.head.value;
  if (versions < 2) return null;
  const choose = (next: number) => {
    if (next >= 0 && next < versions) send({ t: "choose", id: turn.id, version: next });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div class="nbs-versions" role="group" aria-label={`Version ${version + 1} of ${versions}`}>
      <button
        type="button"
        class="nbs-button"
        aria-label="Previous version"
        title="Previous version"
        aria-disabled={version === 0}
        onClick={() => choose(version - 1)}
      >
        <PreviousIcon />
      </button>
      <span>
        {version + 1}/{versions}
      </span>
      <button
        type="button"
        class="nbs-button"
        aria-label="Next version"
        title="Next version"
        aria-disabled={version === versions - 1}
        onClick={() => choose(version + 1)}
      >
        <NextIcon />
      </button>
    </div>
  );
}
