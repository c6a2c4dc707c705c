/**
 * What travels between Python (`nbstream/views/`) and the front end, and what a saved notebook holds.
 *
 * State is written in Python alone. The front end receives a whole `Snapshot` (when a view opens late,
 * after a reload, or on `resync`) and then `Frame`s, which are patches to it. Commands go the other way (`commands.ts`)
 * and never carry content.
 *
 * Offsets count UTF-16 units, because that is what a JavaScript string counts.
 */

import type { Answer } from "./commands";
import type { InspectionPage } from "./inspection";

export type Status = "submitted" | "streaming" | "finished" | "stopped" | "failed";

/** Token counts as the server reported them; a count it did not report is null. */
export interface Usage {
  input: number | null;
  output: number | null;
  total: number | null;
  cached: number | null;
  reasoning: number | null;
}

/** Something the reader should know although the answer did not fail: cut by length, a skipped chunk… */
export interface Notice {
  kind: string;
  text: string;
}

export interface ReplyError {
  /** One word out of the closed list of error kinds, e.g. "auth". */
  kind: string;
  /** The class of the Python exception, e.g. "AuthenticationError". */
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

/** Everything about a reply that is not its text. Small, and sent whole whenever any of it changes. */
export interface Meta {
  model: string | null;
  provider: string | null;
  host: string | null;
  /** True where the scripted demo model answers: always labelled. */
  demo: boolean;
  /** What stands below every answer of a local model; empty for all others. */
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
  /** Whether the answer was cut and its endpoint has a way to go on with it. */
  continuable: boolean;
  /** Whether the answer was requested in one piece; absent for a stream. */
  whole?: boolean;
  /** Of answers that were requested together: how many there are, and their tokens. */
  samples?: { text: string; usage: Usage | null };
}

/** One call of a tool, in the order in which the model made them. */
export interface ToolActivity {
  id: string;
  name: string;
  /** What the model wrote; grows while it writes. */
  arguments: string;
  /** Names and values that the function is called with, all visible; null until they have been read. */
  shown?: [string, string][] | null;
  /** "unfinished": the answer ended before the call had a result. */
  state: "writing" | "asking" | "running" | "returned" | "failed" | "refused" | "unfinished";
  /** What went back to the model, cut for display; null until it has. */
  result: string | null;
}

/** A source of an answer: what `[1]` in its text stands for, where the model writes that. */
export interface Citation {
  /** Empty where the server named none. */
  url: string;
  title: string;
}

/** What was sent with a prompt besides its text. */
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
  /** The variables in a line, with how much of each was sent. */
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
}

/** `[offset in UTF-16 units, text to append there]` */
export type Patch = [number, string];

/** A call that is new or has changed: whole, but for what was added to its arguments. */
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
  /** How many images there were before, and those that were added. */
  images?: [number, string[]];
  /** All of them, where any was added. */
  citations?: Citation[];
  /** Sent once. */
  prompt?: ShownPrompt;
}

/** Where a reply is displayed, as far as the kernel knows. */
export interface Place {
  /** The session of the page that ran the cell. */
  page: string | null;
  /** Id of the cell whose output it is; null where it is no output of a cell, or the cell has been run again. */
  cell: string | null;
  /** Number of the execution. */
  count: number | null;
  /** Ids of the replies that this execution displays, in the order of their outputs. */
  run: readonly string[];
}

/** Modules that are too large for every widget to bring along: `nbstream/static/assets/<name>.js.gz`. */
export type AssetName = "inspector" | "math";

/** What every widget's page may ask of its kernel (`nbstream/views/front_end.py`). */
export interface SharedCommands {
  /** The page has evaluated the whole module that the widget brought along (`js/loader`). */
  loaded(): void;
  /** The page lacks the module that a reference names, and wants it whole. */
  module(): void;
  /**
   * An ES module, compressed with gzip, as the only buffer of the answer. With `as: "base64"` it is text in the
   * result, for front ends that drop buffers.
   */
  asset(args: { asset: AssetName; as?: "base64" }): { base64?: string };
}

/** What the view of a reply may ask of its kernel (`nbstream/views/widget.py`). */
export interface ReplyCommands extends SharedCommands {
  stop(): void;
  approve(args: { call: string; allow: boolean }): void;
  /** Sends the whole snapshot. */
  resync(): void;
  /** No view is left in the page. */
  gone(): void;
  /** The page keeps the output up to date from now on, and wants `inert` for it. */
  keep(): void;
  /** Returns the output of an answer that has ended. */
  output(): { data: Record<string, unknown>; metadata: Record<string, unknown> };
  /** Returns the rows of the inspector, from that one on. */
  inspect(args: { from: number }): InspectionPage;
}

export type FromKernel =
  | Answer
  | Frame
  | { t: "snapshot"; state: Snapshot }
  /**
   * Inert Markdown for what is saved, of the first `covers` lines of the text: `lines` follow on the first `at`
   * lines that were sent before, and those behind them are void.
   */
  | { t: "inert"; at: number; covers: number; lines: string[] };

/**
 * The saved output, mimetype `application/vnd.nbstream.reply+json`: what is the same from run to run.
 * What varies (model resolved, usage, timings, request id…) is in the output's metadata under `nbstream`, so that
 * notebook diffs and nbval compare only the answer. Earlier versions of the answer are there too, as `versions`,
 * oldest first: `{version: its number in the conversation, reply: SavedReply, nbstream: {…}}`.
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
  /** Absent for all but local models. */
  badge?: string;
  /** Whether an earlier turn has changed since; absent where it has not. */
  stale?: boolean;
  /** As in a snapshot; one that stands in the Markdown of the same output is named by its label there, `Image 1`. */
  images?: string[];
  citations?: Citation[];
  attachments?: readonly Attachment[];
  prompt?: ShownPrompt;
  /** Absent where none was called. */
  tools?: Omit<ToolActivity, "id">[];
}

export const REPLY_MIMETYPE = "application/vnd.nbstream.reply+json";
