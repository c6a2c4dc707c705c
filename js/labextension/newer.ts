/** Outputs of versions of nbstream that are newer than this extension: their Markdown is drawn. */

import { number, record } from "./fields";

export const NEWER =
  "Saved by a newer version of nbstream, so only the text is shown. Update nbstream, then reload the page.";

/** Whether the data of an output has a format after `version`, the last one that can be read. */
export function isNewer(saved: unknown, version: number): boolean {
  return (number(record(saved).v) ?? 0) > version;
}
