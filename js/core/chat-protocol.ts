/**
 * What travels between `nbstream/chat_widget/widget.py` and the chat widget's front end.
 *
 * As for a single reply (`protocol.ts`), Python alone writes state: the front end receives a whole
 * `ChatSnapshot` (when a view opens, after a reload, on `resync`) and then messages that patch it. Commands
 * go the other way as custom messages, never as changes of a trait.
 */
import type { InspectionPage } from "./inspection";
import type { AssetRequest, AssetSent, Frame, Snapshot } from "./protocol";

export interface TurnSnapshot {
  id: string;
  /** What the user said. */
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

/** What is sent with each request; null for the server's default. */
export interface ChatParameters {
  temperature: number | null;
  top_p: number | null;
  max_tokens: number | null;
  seed: number | null;
  reasoning_effort: string | null;
}

/** Everything about the chat that is not its turns; sent whole whenever any of it changes. */
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
  /** Whether something that was cleared or deleted can be brought back. */
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
  /** Values by mimetype; that of `CHAT_MIMETYPE` is a `SavedChat`. */
  data: Readonly<Record<string, unknown>>;
  metadata: Readonly<Record<string, unknown>>;
}

/**
 * The conversation in a saved output: messages of the chat-completions API, oldest first, the versions of a turn
 * next to one another. The provenance of the answers stands in the output's metadata as `nbstream.answers`, in the
 * same order.
 */
export interface SavedChat {
  v: 1;
  /** In CSS pixels; 0 where the widget grows with its content. */
  height: number;
  /** How many of the oldest turns were too much for a notebook. */
  left_out: number;
  /** Model and parameters that the reader has chosen; missing where there are none. */
  settings?: Record<string, unknown>;
  messages: unknown[];
}

export const CHAT_MIMETYPE = "application/vnd.nbstream.chat+json";

/** Each carries the number that follows on the last one; a gap asks for a resync. */
export type FromChat =
  | AssetSent
  | { t: "snapshot"; state: ChatSnapshot }
  | { t: "meta"; seq: number; meta: ChatMeta }
  /** A turn is new (at the place `at`) or replaced as a whole. */
  | { t: "turn"; seq: number; at: number; turn: TurnSnapshot }
  | { t: "remove"; seq: number; id: string }
  /** All turns are gone. */
  | { t: "clear"; seq: number }
  | { t: "frame-of"; seq: number; id: string; frame: Frame }
  /** A command was understood; `n` is the number that the front end gave it. */
  | { t: "ack"; of: string; n: number }
  /** A command was refused; said where it was given. */
  | { t: "refused"; of: string; n: number; message: string }
  /** The answer to `inspect`: events of an answer; null where there is no such answer any more. */
  | { t: "inspected"; page: InspectionPage | null }
  /** The answer to `download`. */
  | { t: "file"; name: string; text: string }
  /** What the notebook keeps of the chat now: sent after each turn, once `keep` has asked for it. */
  | ({ t: "saved" } & SavedOutput);

export type ChatCommand =
  | AssetRequest
  | { t: "send"; n: number; text: string; images: string[] }
  | { t: "stop"; n: number }
  | { t: "regenerate"; n: number; id: string }
  /** Goes on with an answer that was cut, as a new version. */
  | { t: "continue"; n: number; id: string }
  | { t: "edit"; n: number; id: string; text: string }
  | { t: "choose"; n: number; id: string; version: number }
  | { t: "delete"; n: number; id: string }
  | { t: "clear"; n: number }
  | { t: "undo"; n: number }
  | { t: "models"; n: number }
  | ({ t: "set"; n: number; model?: string; system?: string } & Partial<ChatParameters>)
  /** `reply`: id of the answer that was in sight; a turn may have another by now. */
  | { t: "approve"; n: number; id: string; reply: string; call: string; allow: boolean }
  | { t: "download"; n: number; format: "markdown" | "jsonl" }
  /** Puts a conversation that the notebook has kept before what there is. */
  | { t: "load"; n: number; data: unknown; provenance: unknown }
  /** Asks for the events of a turn's answer, from one on. Pages come in the order in which they are requested. */
  | { t: "inspect"; id: string; from: number }
  | { t: "keep" }
  | { t: "resync" }
  | { t: "gone" };
