/**
 * Messages between `nbstream/chat_widget/widget.py` and the chat widget's front end.
 *
 * As for a single reply (`protocol.ts`), only Python writes state: the front end receives a whole
 * `ChatSnapshot` (when a view opens, after a reload, on `resync`) and then messages that patch it. Commands
 * (`commands.ts`) go the other way as custom messages, never as changes of a trait.
 */
import type { Answer, Request } from "./commands";
import type { InspectionPage } from "./inspection";
import type { Frame, SharedCommands, Snapshot } from "./protocol";

export interface TurnSnapshot {
  id: string;
  /** The user's message. */
  text: string;
  /** data: URLs (PNG, JPEG, GIF, WebP) of attached images. */
  images: string[];
  /** Which version of the turn is shown, from 0, and how many there are: ‹version+1/versions›. */
  version: number;
  versions: number;
  /** True where an earlier turn has changed since this one was answered. */
  stale: boolean;
  reply: Snapshot;
}

/** Parameters of each request; null for the server's default. */
export interface ChatParameters {
  temperature: number | null;
  top_p: number | null;
  max_tokens: number | null;
  seed: number | null;
  reasoning_effort: string | null;
}

/** Everything about the chat except its turns; sent completely whenever any of it changes. */
export interface ChatMeta extends ChatParameters {
  title: string;
  /** The model chosen for the next turn; "" for the default. */
  model: string;
  /** Names for the picker; empty until they were requested. */
  models: string[];
  /** Why the models could not be listed, or "". */
  models_error: string;
  system: string;
  busy: boolean;
  placeholder: string;
  /** Whether something that was cleared or deleted can be restored. */
  can_undo: boolean;
}

export interface ChatSnapshot {
  v: 1;
  seq: number;
  meta: ChatMeta;
  turns: TurnSnapshot[];
}

/** An output of a notebook. */
export interface SavedOutput {
  /** Values by MIME type; the value of `CHAT_MIMETYPE` is a `SavedChat`. */
  data: Readonly<Record<string, unknown>>;
  metadata: Readonly<Record<string, unknown>>;
}

/**
 * The conversation in a saved output: messages of the chat-completions API, oldest first, the versions of a
 * turn next to one another. The provenance of the answers is in the output's metadata as `nbstream.answers`,
 * in the same order.
 */
export interface SavedChat {
  v: 1;
  /** In CSS pixels; 0 if the widget grows with its content. */
  height: number;
  /** How many of the oldest turns were left out, because the notebook would become too large. */
  left_out: number;
  /** Model and parameters chosen by the user; missing if there are none. */
  settings?: Record<string, unknown>;
  messages: unknown[];
}

export const CHAT_MIMETYPE = "application/vnd.nbstream.chat+json";

/** All messages except answers are numbered without gaps; a gap triggers a resync. */
export type FromChat =
  | Answer
  | { t: "snapshot"; state: ChatSnapshot }
  | { t: "meta"; seq: number; meta: ChatMeta }
  /** A turn is new (at index `at`) or replaced completely. */
  | { t: "turn"; seq: number; at: number; turn: TurnSnapshot }
  | { t: "remove"; seq: number; id: string }
  /** All turns are gone. */
  | { t: "clear"; seq: number }
  | { t: "frame-of"; seq: number; id: string; frame: Frame }
  /** The chat as the notebook saves it: sent after each turn, once `keep` has requested it. */
  | ({ t: "saved" } & SavedOutput);

/** Commands of a chat's page to its kernel (`nbstream/chat_widget/commands.py`). `id` is the id of a turn. */
export interface ChatCommands extends SharedCommands {
  send(args: { text: string; images: string[] }): void;
  stop(): void;
  regenerate(args: { id: string }): void;
  /** Continues an answer that was cut, as a new version. */
  continue(args: { id: string }): void;
  edit(args: { id: string; text: string }): void;
  choose(args: { id: string; version: number }): void;
  delete(args: { id: string }): void;
  clear(): void;
  undo(): void;
  /** `meta` follows with the names of models. */
  models(): void;
  set(args: { model?: string; system?: string } & Partial<ChatParameters>): void;
  /** `reply`: id of the visible answer; the turn may have another one by now. */
  approve(args: { id: string; reply: string; call: string; allow: boolean }): void;
  /** Rates the visible answer; a score of 0 removes the rating. */
  rate(args: { id: string; reply: string; score: 1 | 0 | -1; note: string }): void;
  download(args: { format: "markdown" | "jsonl" }): { name: string; text: string };
  /** Inserts a conversation saved in the notebook before the current turns. */
  load(args: { data: unknown; provenance: unknown }): void;
  /** Returns the events of a turn's answer, starting at an index. */
  inspect(args: { id: string; from: number }): InspectionPage;
  /** The notebook saves the chat: send `saved` now and after each turn. */
  keep(): void;
  /** Sends the whole snapshot. */
  resync(): void;
  /** No view is left in the page. */
  gone(): void;
}

/** A command without its number. */
export type ChatRequest = Request<ChatCommands>;
