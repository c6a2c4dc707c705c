/** The data of an object as a tree whose parts fold, drawn from the nested list that `nbstream/views/tree_text.py` writes. */

import type { ReadonlySignal } from "@preact/signals";
import { visible } from "../render";

/** Longer ones are drawn as a list: a whole tree is drawn again with each line. */
const MOST_LINES = 2000;
const LINE = /^((?: {2})*)- (?:\*\*(.*?)\*\*:? ?)?(.*)$/;

interface Branch {
  name: string;
  text: string;
  isOpen: boolean;
  parts: Branch[];
}

/** Whether a text can be drawn as a tree. */
export function isTree(text: string): boolean {
  const lines = text.split("\n");
  return lines.length <= MOST_LINES && lines.every((line) => LINE.test(line));
}

export function Tree({ text, open }: { text: ReadonlySignal<string>; open: ReadonlySignal<string> }) {
  return <Parts of={branches(text.value, open.value)} />;
}

function Parts({ of: parts }: { of: Branch[] }) {
  return (
    <ul class="nbs-tree">
      {parts.map((part, index) => (
        <li key={index} class={part.isOpen ? "nbs-open" : undefined}>
          {part.parts.length > 0 ? (
            <details open>
              <summary>
                <Line {...part} />
              </summary>
              <Parts of={part.parts} />
            </details>
          ) : (
            <Line {...part} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Line({ name, text }: Branch) {
  return (
    <>
      {name && <b>{name}</b>}
      {name && text ? `: ${text}` : text}
    </>
  );
}

function branches(text: string, open: string): Branch[] {
  const root: Branch[] = [];
  const levels = [root];
  const add = (line: string, isOpen: boolean) => {
    const [, indent = "", name = "", value = ""] = LINE.exec(line) ?? [];
    const branch = { name: shown(name), text: shown(value), isOpen, parts: [] };
    const depth = Math.min(indent.length / 2, levels.length - 1);
    levels.splice(depth + 1, Number.POSITIVE_INFINITY, branch.parts);
    levels[depth]?.push(branch);
  };
  if (text) for (const line of text.split("\n")) add(line, false);
  if (open) for (const line of open.split("\n")) add(line, true);
  return root;
}

/** The text that character references stand for. */
function shown(text: string): string {
  return visible(text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))));
}
