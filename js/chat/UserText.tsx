/** The user's text as written; only fenced code is drawn as code. */

import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { visible } from "../render";
import { Prose } from "../reply/Prose";

/** A whole fenced block of Markdown: the fence of its first line, then everything up to the same fence. */
const FENCED = /^(`{3,}|~{3,})[^\n`]*\n(?:[\s\S]*?\n)?\1[`~]*[ \t]*$/gm;

export interface Part {
  text: string;
  fenced: boolean;
}

/** `text` split into fenced blocks and the parts between them; empty parts are left out. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: block, index } of text.matchAll(FENCED)) {
    parts.push({ text: text.slice(end, index), fenced: false }, { text: block, fenced: true });
    end = index + block.length;
  }
  parts.push({ text: text.slice(end), fenced: false });
  return parts.map(withoutOuterLines).filter((part) => part.text !== "");
}

function withoutOuterLines({ text, fenced }: Part): Part {
  return { text: text.replace(/^\n+|\s+$/g, ""), fenced };
}

export function UserText({ text }: { text: string }) {
  const parts = useMemo(() => partsOf(text), [text]);
  return (
    <>
      {parts.map((part) =>
        part.fenced ? (
          <Fenced key={part.text} text={part.text} />
        ) : (
          <p key={part.text} class="nbs-plain">
            {visible(part.text)}
          </p>
        ),
      )}
    </>
  );
}

const DONE = signal(true);

function Fenced({ text }: { text: string }) {
  const source = useMemo(() => signal(text), [text]);
  return <Prose class="nbs-prose" text={source} done={DONE} />;
}
