/** Code in an output, drawn like the code of an answer. */

import { signal } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { mount } from "../reply/mount";
import { Prose } from "../reply/Prose";
import { followTheme } from "../reply/theme";
import { typesetterFrom } from "../reply/typesetting";
import { fenced } from "./fenced";

const typeset = typesetterFrom(() => import("../math"));
const DONE = signal(true);

/** Draws the code into `host` until the returned function is called. */
export function mountCode(host: HTMLElement, language: string, code: string): () => void {
  return mount(host, typeset, <SavedCode text={fenced(language, code)} />);
}

function SavedCode({ text }: { text: string }) {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  const shown = useMemo(() => signal(text), [text]);
  return (
    <article ref={root} class="nbstream" aria-label="Code">
      <div class="nbs-body">
        <Prose class="nbs-prose" text={shown} done={DONE} />
      </div>
    </article>
  );
}
