/** Draws the text that stays of a batch: loaded when a page has one. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { mount } from "../../reply/mount";
import { Prose } from "../../reply/Prose";
import { followTheme } from "../../reply/theme";
import { typesetterFrom } from "../../reply/typesetting";

const typeset = typesetterFrom(() => import("../../math"));

/** Draws Markdown into `host` until the returned function is called. */
export function mountText(host: HTMLElement, markdown: string): () => void {
  return mount(host, typeset, <Text markdown={markdown} />);
}

function Text({ markdown }: { markdown: string }) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  return (
    <div ref={root} class="nbstream">
      <Prose key={markdown} class="nbs-prose" text={signal(markdown)} done={signal(true)} />
    </div>
  );
}
