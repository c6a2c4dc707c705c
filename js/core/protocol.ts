/**
 * Messages between Python (`nbstream/views/`) and the front end, and the content of a saved notebook.
 *
 * Only Python writes state. The front end receives a whole `Snapshot` (when a view opens late,
 * after a reload, or on `resync`) and then `Frame`s, which are patches to it. Commands go the other way (`commands.ts`)
 * and never carry content.
 *
 * Offsets count UTF-16 units, because that is what a JavaScript string counts.
 */

import type { Answer } from "./commands";
import type { InspectionPage } from "./inspection";

export type Status = "submitted" | "streaming" | "finished" | "stopped" | "failed";

/** A reader's rating of an answer. */
export interface Rating {
  score: 1 | -1;
  note: string;
}

/** Token counts as the server reported them; a count it did not report is null. */
export interface Usage {
  input: number | null;
  output: number | null;
  total: number | null;
  cached: number | null;
  reasoning: number | null;
  /** How many of the input tokens were written into the provider's cache. */
  cache_written?: number | null;
  /** US dollars: 0 for a model on this machine; absent or null where no price is known. */
  cost?: number | null;
}

/** A notice about an answer that did not fail: cut by length, a skipped chunk… */
export interface Notice {
  kind: string;
  text: string;
}

export interface ReplyError {
  /** One of a closed list of error kinds, for example "auth". */
  kind: string;
  /** The class of the Python exception, for example "AuthenticationError". */
  type: string;
  message: string;
  /** What to do next; may be empty. */
  advice: string;
  /** Whether the cell shows it as its own error, below the answer. */
  raised?: boolean;
}

export interface Retrying {
  attempt: number;
  attempts: number;
  /** Seconds until the next attempt, counted from the moment the frame was made. */
  wait: number;
  reason: string;
}

/** Everything about a reply except its text. Small, and sent completely whenever any of it changes. */
export interface Meta {
  model: string | null;
  provider: string | null;
  host: string | null;
  /** True for the scripted demo model, which is always labelled. */
  demo: boolean;
  /** Shown below every answer of a local model; empty for all others. */
  badge: string;
  /** Title of the local model that is being loaded; empty otherwise. */
  loading: string;
  /** Seconds since the request was sent, at the moment this was made. */
  elapsed: number;
  /** Seconds from send to the first delta (time to first token). */
  ttft: number | null;
  duration: number | null;
  tokens_per_second: number | null;
  /** Seconds spent reasoning before the first text. */
  reasoning_seconds: number | null;
  usage: Usage | null;
  finish_reason: string | null;
  notices: Notice[];
  error: ReplyError | null;
  retrying: Retrying | null;
  /** Whether the answer was cut and its endpoint can continue it. */
  continuable: boolean;
  /** Absent without a rating. */
  rating?: Rating;
  /** Whether the answer was requested in one piece; absent for a stream. */
  whole?: boolean;
  /** Of answers that were requested together: how many there are, and their tokens; absent for one. */
  samples?: { text: string; usage: Usage | null };
}

/** One call of a tool, in the order in which the model made them. */
export interface ToolActivity {
  id: string;
  name: string;
  /** What the model wrote; grows while it writes. */
  arguments: string;
  /** Names and values of the arguments, all visible; null until they have been parsed. */
  shown?: [string, string][] | null;
  /** "unfinished": the answer ended before the call had a result. */
  state: "writing" | "asking" | "running" | "returned" | "failed" | "refused" | "unfinished";
  /** The result sent to the model, truncated for display; null before. */
  result: string | null;
}

/** A source of an answer: `[1]` in its text refers to the first. */
export interface Citation {
  /** Empty if the server sent none. */
  url: string;
  title: string;
}

/** An attachment of a prompt. */
export interface Attachment {
  name: string;
  /** Format and size, and what was changed or left out. */
  note?: string;
  /** What an image shows. */
  alt?: string;
  /** A small copy of an image as a `data:` URL. */
  thumbnail?: string;
}

/** A prompt whose variables were filled in. */
export interface ShownPrompt {
  /** The variables in one line, with how much of each was sent. */
  filled: string;
  /** The text that was sent, shortened if it is long. */
  text: string;
}

export interface Snapshot {
  v: 1;
  id: string;
  seq: number;
  status: Status;
  text: string;
  reasoning: string;
  tools: ToolActivity[];
  meta: Meta;
  /** Addresses of images: `data:` URLs, or on the web, where they are not loaded unasked. Absent where none came. */
  images?: readonly string[];
  /** Absent where none came. */
  citations?: readonly Citation[];
  /** Images, files and cells that were sent with the prompt. Absent where none were. */
  attachments?: readonly Attachment[];
  /** Absent where no variable was filled in. */
  prompt?: ShownPrompt | undefined;
  /** The JSON of an answer whose text is that of the data in it: a table, or a nested list. */
  json?: string | undefined;
  /** Lines after the text, of a value that is still open. */
  open?: string | undefined;
  /** Whether the text is the nested list of an object. */
  tree?: boolean | undefined;
}

/** `[offset in UTF-16 units, text to append there]` */
export type Patch = [number, string];

/** A new or changed call: complete, except that only the addition to its arguments is sent. */
export interface ToolPatch extends Omit<ToolActivity, "arguments"> {
  /** Its place among the calls of the answer. */
  at: number;
  arguments: Patch;
}

export interface Frame {
  t: "frame";
  seq: number;
  status: Status;
  text?: Patch;
  reasoning?: Patch;
  tools?: ToolPatch[];
  meta?: Meta;
  /** The number of images before, and the added ones. */
  images?: [number, string[]];
  /** All of them, where any was added. */
  citations?: Citation[];
  /** Sent once. */
  prompt?: ShownPrompt;
  json?: Patch;
  /** All of them; "" where no value is open any more. */
  open?: string;
}

/** Where a reply or a comparison is displayed, if the kernel knows it. */
export interface Place {
  /** The session of the page that ran the cell. */
  page: string | null;
  /**
   * Id of the cell with this output; null if it is not the output of a cell, or the cell has been run again.
   */
  cell: string | null;
  /** Number of the execution. */
  count: number | null;
  /** Ids of all that this execution displays, in the order of its outputs. */
  run: readonly string[];
}

/** Modules that are too large to be part of every widget: `nbstream/static/assets/<name>.js.gz`. */
export type AssetName = "inspector" | "math";

/** Commands of every widget's page to its kernel (`nbstream/views/front_end.py`). */
export interface SharedCommands {
  /** The page has evaluated the complete module of the widget (`js/loader`). */
  loaded(): void;
  /** The page does not have the module that a reference names, and requests it. */
  module(): void;
  /**
   * An ES module, compressed with gzip, as the only buffer of the answer. With `as: "base64"` it is text in the
   * result, for front ends that drop buffers.
   */
  asset(args: { asset: AssetName; as?: "base64" }): { base64?: string };
}

/** Commands of a reply's view to its kernel (`nbstream/views/widget.py`). */
export interface ReplyCommands extends SharedCommands {
  stop(): void;
  approve(args: { call: string; allow: boolean }): void;
  /** Rates an answer that has ended; a score of 0 removes the rating. `snapshot` follows. */
  rate(args: { score: 1 | 0 | -1; note: string }): void;
  /** Sends the whole snapshot. */
  resync(): void;
  /** No view is left in the page. */
  gone(): void;
  /** The page updates the output from now on, and requests `inert` for it. */
  keep(): void;
  /** Returns the output of an answer that has ended. */
  output(): { data: Record<string, unknown>; metadata: Record<string, unknown> };
  /** Returns the rows of the inspector, starting at a row. */
  inspect(args: { from: number }): InspectionPage;
}

export type FromKernel =
  | Answer
  | Frame
  | { t: "snapshot"; state: Snapshot }
  /**
   * Inert Markdown to save, of the first `covers` lines of the text: `lines` replace all lines after the
   * first `at` that were sent before.
   */
  | { t: "inert"; at: number; covers: number; lines: string[] };

/**
 * The saved output, mimetype `application/vnd.nbstream.reply+json`: the part that is the same in every run.
 * The rest (resolved model, usage, timings, request id…) is in the output's metadata under `nbstream`, so
 * that notebook diffs and nbval compare only the answer. Earlier versions of the answer are there too, as
 * `versions`, oldest first: `{version: its number in the conversation, reply: SavedReply, nbstream: {…}}`.
 *
 * This is the whole form, which files of nbstream 0.1 hold. Files of today hold the packed form, in which the text
 * refers to the Markdown of the same output: `labextension/packing.ts` reads both.
 */
export interface SavedReply {
  v: 1;
  status: Status;
  text: string;
  reasoning: string;
  finish_reason: string | null;
  notices: Notice[];
  error: ReplyError | null;
  demo: boolean;
  /** Only for local models. */
  badge?: string;
  /** Whether an earlier turn has changed since; absent if not. */
  stale?: boolean;
  /** As in a snapshot; an image in the Markdown of the same output is named by its label, `Image 1`. */
  images?: string[];
  citations?: Citation[];
  attachments?: readonly Attachment[];
  prompt?: ShownPrompt;
  /** As in a snapshot. */
  json?: string;
  tree?: boolean;
  /** Absent where none was called. */
  tools?: Omit<ToolActivity, "id">[];
}

export const REPLY_MIMETYPE = "application/vnd.nbstream.reply+json";
