/**
 * The state of one reply in the front end: written only here, read by any number of views.
 */

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type {
  Attachment,
  Citation,
  Frame,
  Meta,
  Patch,
  ShownPrompt,
  Snapshot,
  Status,
  ToolActivity,
  ToolPatch,
} from "./protocol";

/**
 * How many unusable frames to ignore before requesting another resync: with one request per frame, the kernel
 * would repeat the whole text thirty times a second.
 */
const FRAMES_PER_RESYNC = 32;

const EMPTY_META: Meta = {
  model: null,
  provider: null,
  host: null,
  demo: false,
  badge: "",
  loading: "",
  elapsed: 0,
  ttft: null,
  duration: null,
  tokens_per_second: null,
  reasoning_seconds: null,
  usage: null,
  finish_reason: null,
  notices: [],
  error: null,
  retrying: null,
  continuable: false,
};

export const EMPTY_SNAPSHOT: Snapshot = {
  v: 1,
  id: "",
  seq: 0,
  status: "submitted",
  text: "",
  reasoning: "",
  tools: [],
  meta: EMPTY_META,
};

/** Notice of an answer that a notebook holds partially. */
export const UNFINISHED = "Unfinished: this answer was saved before it was complete.";

/** Notice of an answer whose kernel ended before it did. */
export const INTERRUPTED = "Interrupted: the kernel ended before this answer was complete.";

/** No more text will come. */
export function isOver(status: Status): boolean {
  return status === "finished" || status === "stopped" || status === "failed";
}

export interface ReplyStoreOptions {
  /** Called when a frame does not fit the current text; the kernel then sends a whole snapshot. */
  resync?: () => void;
  /** A monotonic clock in milliseconds (default `performance.now`). */
  now?: () => number;
}

export class ReplyStore {
  readonly #status: Signal<Status>;
  readonly #text: Signal<string>;
  readonly #reasoning: Signal<string>;
  readonly #tools: Signal<readonly ToolActivity[]>;
  readonly #images: Signal<readonly string[]>;
  readonly #citations: Signal<readonly Citation[]>;
  readonly #attachments: Signal<readonly Attachment[]>;
  readonly #prompt: Signal<ShownPrompt | undefined>;
  readonly #json: Signal<string>;
  readonly #open: Signal<string>;
  readonly #tree: Signal<boolean>;
  readonly #meta: Signal<Meta>;
  /** When `meta` was received, by the clock of `now`: `elapsed` and `wait` count from there. */
  readonly #metaAt: Signal<number>;
  readonly #resync: () => void;
  readonly #now: () => number;
  #id: string;
  #seq: number;
  #unusable = 0;

  constructor(
    snapshot: Snapshot,
    { resync = () => {}, now = () => performance.now() }: ReplyStoreOptions = {},
  ) {
    this.#resync = resync;
    this.#now = now;
    this.#id = snapshot.id;
    this.#seq = snapshot.seq;
    this.#status = signal(snapshot.status);
    this.#text = signal(snapshot.text);
    this.#reasoning = signal(snapshot.reasoning);
    this.#tools = signal(snapshot.tools);
    this.#images = signal(snapshot.images ?? []);
    this.#citations = signal(snapshot.citations ?? []);
    this.#attachments = signal(snapshot.attachments ?? []);
    this.#prompt = signal(snapshot.prompt);
    this.#json = signal(snapshot.json ?? "");
    this.#open = signal(snapshot.open ?? "");
    this.#tree = signal(snapshot.tree ?? false);
    this.#meta = signal(snapshot.meta);
    this.#metaAt = signal(now());
  }

  get status(): ReadonlySignal<Status> {
    return this.#status;
  }

  get text(): ReadonlySignal<string> {
    return this.#text;
  }

  get reasoning(): ReadonlySignal<string> {
    return this.#reasoning;
  }

  /** Id of the reply that is shown. */
  get id(): string {
    return this.#id;
  }

  /** Calls of tools, in order. */
  get tools(): ReadonlySignal<readonly ToolActivity[]> {
    return this.#tools;
  }

  /** Addresses of the images of the answer. */
  get images(): ReadonlySignal<readonly string[]> {
    return this.#images;
  }

  /** Sources of the answer. */
  get citations(): ReadonlySignal<readonly Citation[]> {
    return this.#citations;
  }

  /** What was sent with the prompt. */
  get attachments(): ReadonlySignal<readonly Attachment[]> {
    return this.#attachments;
  }

  /** The question, if variables were filled in. */
  get prompt(): ReadonlySignal<ShownPrompt | undefined> {
    return this.#prompt;
  }

  /** The JSON of an answer whose text is that of the data in it; "" for others. */
  get json(): ReadonlySignal<string> {
    return this.#json;
  }

  /** Lines after the text, of a value that is still open. */
  get open(): ReadonlySignal<string> {
    return this.#open;
  }

  /** Whether the text is the nested list of an object. */
  get tree(): ReadonlySignal<boolean> {
    return this.#tree;
  }

  get meta(): ReadonlySignal<Meta> {
    return this.#meta;
  }

  /** Milliseconds since `meta` was received, by the clock given to the constructor. Not a signal. */
  metaAge(): number {
    return this.#now() - this.#metaAt.value;
  }

  /** The state, for callers that do not subscribe. */
  snapshot(): Snapshot {
    const [images, citations] = [this.#images.peek(), this.#citations.peek()];
    const attachments = this.#attachments.peek();
    const prompt = this.#prompt.peek();
    const [json, open] = [this.#json.peek(), this.#open.peek()];
    return {
      v: 1,
      id: this.#id,
      seq: this.#seq,
      status: this.#status.peek(),
      text: this.#text.peek(),
      reasoning: this.#reasoning.peek(),
      tools: [...this.#tools.peek()],
      meta: this.#meta.peek(),
      ...(images.length > 0 && { images }),
      ...(citations.length > 0 && { citations }),
      ...(attachments.length > 0 && { attachments }),
      ...(prompt && { prompt }),
      ...(json && { json }),
      ...(open && { open }),
      ...(this.#tree.peek() && { tree: true }),
    };
  }

  /** The kernel has ended. If it comes back, its messages are applied as before. */
  interrupt(): void {
    if (isOver(this.#status.peek())) return;
    batch(() => {
      const notices = [...this.#meta.peek().notices, { kind: "interrupted", text: INTERRUPTED }];
      this.#setMeta({ ...this.#meta.peek(), retrying: null, notices });
      this.#open.value = "";
      this.#status.value = "stopped";
    });
  }

  /** Replaces everything, unless the snapshot is older than the state of the same reply. */
  applySnapshot(snapshot: Snapshot): void {
    if (snapshot.id === this.#id && snapshot.seq < this.#seq) return;
    this.#id = snapshot.id;
    this.#seq = snapshot.seq;
    this.#unusable = 0;
    batch(() => {
      this.#text.value = snapshot.text;
      this.#reasoning.value = snapshot.reasoning;
      this.#tools.value = snapshot.tools;
      this.#images.value = snapshot.images ?? [];
      this.#citations.value = snapshot.citations ?? [];
      // A new answer to the same prompt does not repeat them.
      this.#attachments.value = snapshot.attachments ?? this.#attachments.peek();
      this.#prompt.value = snapshot.prompt;
      this.#json.value = snapshot.json ?? "";
      this.#open.value = snapshot.open ?? "";
      this.#tree.value = snapshot.tree ?? false;
      this.#setMeta(snapshot.meta);
      this.#status.value = snapshot.status;
    });
  }

  /** Applies a patch; ignores a repeated frame, and requests a snapshot after a gap. */
  applyFrame(frame: Frame): void {
    if (frame.seq <= this.#seq) return;
    const text = patched(this.#text.peek(), frame.text);
    const reasoning = patched(this.#reasoning.peek(), frame.reasoning);
    const tools = patchedTools(this.#tools.peek(), frame.tools);
    const images = extended(this.#images.peek(), frame.images);
    const json = patched(this.#json.peek(), frame.json);
    if (text === null || reasoning === null || tools === null || images === null || json === null) {
      this.#askForSnapshot();
      return;
    }
    this.#seq = frame.seq;
    batch(() => {
      this.#text.value = text;
      this.#reasoning.value = reasoning;
      this.#tools.value = tools;
      this.#images.value = images;
      this.#json.value = json;
      if (frame.open !== undefined) this.#open.value = frame.open;
      if (frame.citations) this.#citations.value = frame.citations;
      if (frame.prompt) this.#prompt.value = frame.prompt;
      if (frame.meta) this.#setMeta(frame.meta);
      this.#status.value = frame.status;
    });
  }

  #setMeta(meta: Meta): void {
    this.#metaAt.value = this.#now();
    this.#meta.value = meta;
  }

  #askForSnapshot(): void {
    if (this.#unusable % FRAMES_PER_RESYNC === 0) this.#resync();
    this.#unusable += 1;
  }
}

/**
 * The text with the patch appended, without the part that it already holds; null if text is missing in
 * between.
 */
function patched(text: string, patch: Patch | undefined): string | null {
  if (!patch) return text;
  const [offset, addition] = patch;
  if (offset > text.length) return null;
  return text + addition.slice(text.length - offset);
}

/** The images with the added ones; null if some are missing in between. */
function extended(images: readonly string[], patch: Frame["images"]): readonly string[] | null {
  if (!patch) return images;
  const [before, added] = patch;
  if (before > images.length) return null;
  return [...images, ...added.slice(images.length - before)];
}

/** The calls with the patches applied; null if something is missing in between. */
function patchedTools(
  tools: readonly ToolActivity[],
  patches: readonly ToolPatch[] | undefined,
): readonly ToolActivity[] | null {
  if (!patches) return tools;
  const next = [...tools];
  for (const { at, arguments: added, ...rest } of patches) {
    const written = patched(next[at]?.arguments ?? "", added);
    if (at > next.length || written === null) return null;
    next[at] = { ...rest, arguments: written };
  }
  return next;
}
