/** Changes an option in the first line of a `%%chat` cell, and nothing else of the cell. */

import { type FirstLine, firstLineOf, optionAt, textOf, type Word } from "./first-line";

/** A replacement in the source. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** What the words of a first line would not be read as. */
const SPECIAL = /[\s'"\\#{}$]/;

/** The value of an option, without its quotation marks; null without one. `names` are its short and its long name. */
export function valueIn(source: string, names: readonly string[]): string | null {
  const line = firstLineOf(source);
  const value = line && optionAt(source, line, names)?.value;
  return value ? textOf(source, value) : null;
}

/** The change that writes the value of an option, or removes it; null if there is nothing to change. */
export function optionChange(source: string, names: readonly string[], value: string | null): Change | null {
  const line = firstLineOf(source);
  if (!line || (value !== null && valueIn(source, names) === value)) return null;
  const found = optionAt(source, line, names);
  if (value === null) return found && removal(source, line, found.option, found.value ?? found.option);
  if (found?.value) return { from: found.value.from, to: found.value.to, insert: quoted(value) };
  if (found) return { from: found.option.to, to: found.option.to, insert: ` ${quoted(value)}` };
  return { from: line.magicEnd, to: line.magicEnd, insert: ` ${names[0]} ${quoted(value)}` };
}

/** Also the white space before the option. */
function removal(source: string, { magicEnd }: FirstLine, { from }: Word, { to }: Word): Change {
  const space = /[^\S\n]*$/.exec(source.slice(magicEnd, from))?.[0] ?? "";
  return { from: from - space.length, to, insert: "" };
}

function quoted(value: string): string {
  if (value && !SPECIAL.test(value) && !value.startsWith("-")) return value;
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
