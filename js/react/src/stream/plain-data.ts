/** Data of events that is not a JSON object. The twin of `nbstream/wire/plain_data.py`. */

const HEARTBEATS = new Set(["", "ping", "pong", "heartbeat", "keepalive", "keep-alive", "keep alive"]);
const CUT_JSON = /^(?:[{"]|\[\s*(?:[[{"\d\]]|$))/;
const ERROR_TEXT = /^\W*(?:fatal |internal |upstream |server )*error\b/i;

/** Whether the data marks the end of the stream, in any spelling. */
export function isDone(data: string): boolean {
  return /^[" ]*(?:\[DONE\]|DONE)[" ]*$/i.test(data);
}

/** Whether the data is only a heartbeat. */
export function isHeartbeat(data: string): boolean {
  return HEARTBEATS.has(data.toLowerCase().replace(/^[[\]" ]+|[[\]" ]+$/g, ""));
}

/** Whether plain text calls itself an error. */
export function isErrorText(words: string): boolean {
  return ERROR_TEXT.test(words);
}

/** The data as text; empty if it is other JSON, complete or truncated. */
export function wordsOf(data: string): string {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "string" ? value : "";
  } catch {
    return CUT_JSON.test(data) ? "" : data;
  }
}

/** The lines of data that is several events, which a server sent without blank lines between them. */
export function linesOf(data: string, isEvent: (line: string) => boolean): string[] {
  const lines = data.includes("\n") ? data.split("\n").filter((line) => line.trim() !== "") : [];
  return lines.some((line) => isEvent(line) || isDone(line)) ? lines : [];
}
