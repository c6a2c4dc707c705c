/** ‹1/2›: walks through the versions of an answer. */

import { NextIcon, PreviousIcon } from "./icons";

export interface VersionPagerProps {
  /** Which version is shown, from 0. */
  version: number;
  versions: number;
  /** Called with the index of an existing version. */
  onChoose: (version: number) => void;
}

export function VersionPager({ version, versions, onChoose }: VersionPagerProps) {
  if (versions < 2) return null;
  const choose = (next: number) => {
    if (next >= 0 && next < versions) onChoose(next);
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
