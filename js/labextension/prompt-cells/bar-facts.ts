/** What the bar of a prompt shows. */

import { firstLineOf, hasFlag } from "./first-line";
import { valueIn } from "./options";

export const MODEL_OPTION = ["-m", "--model"];
export const CHAT_OPTION = ["-c", "--chat"];
/** Characters of a token, about, in most languages of Europe. */
const PER_TOKEN = 4;

export interface BarFacts {
  /** Null where the first line names none. */
  readonly model: string | null;
  readonly chat: string | null;
  /** Outside of all chats. */
  readonly isAlone: boolean;
  /** Of the prompt as it is written. */
  readonly tokens: number;
}

export function barFactsOf(source: string): BarFacts {
  const line = firstLineOf(source);
  return {
    model: valueIn(source, MODEL_OPTION),
    chat: valueIn(source, CHAT_OPTION),
    isAlone: line !== null && ["--alone", "--over"].some((flag) => hasFlag(source, line, flag)),
    tokens: Math.ceil(source.slice(line?.to ?? 0).trim().length / PER_TOKEN),
  };
}
