/**
 * Announcements for screen readers. The text of the answer is not a live region, because word by word it
 * would be unusable: the start and the end of an answer are announced, and the text can be read afterwards.
 */

import { type ReadonlySignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Status } from "../core/protocol";
import { isOver } from "../core/store";

const WORDS: Record<Status, string> = {
  submitted: "Responding…",
  streaming: "Responding…",
  finished: "Answer complete",
  stopped: "Answer stopped",
  failed: "The answer failed",
};

const REGION = "nbs-announcements";

/** Announces the progress of a reply, unless it had ended before it was shown. */
export function useAnnouncements(status: ReadonlySignal<Status>): void {
  const said = useRef("");
  useSignalEffect(() => {
    const words = WORDS[status.value];
    if (said.current === "" && isOver(status.value)) return;
    if (said.current !== words) announce(words);
    said.current = words;
  });
}

/** A new element each time, so that the same text is announced again. */
export function announce(words: string): void {
  const line = document.createElement("div");
  line.textContent = words;
  region().replaceChildren(line);
}

/**
 * One region for the whole page, outside the views: the view of a live answer is replaced by the saved one
 * when the answer is complete.
 */
function region(): Element {
  return document.querySelector(`.${REGION}`) ?? document.body.appendChild(newRegion());
}

function newRegion(): HTMLElement {
  const element = document.createElement("div");
  element.className = REGION;
  element.setAttribute("role", "status");
  element.setAttribute("aria-live", "polite");
  // In the page's body, our stylesheet may not apply.
  element.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  return element;
}
