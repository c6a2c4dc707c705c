/**
 * The replies that stream into this page. The widget's code adds them, one per model of its kernel; the
 * JupyterLab extension draws them in their outputs and keeps those up to date. Without the extension they are
 * not used.
 */

import type { Place, Snapshot } from "../core/protocol";
import { pageWide } from "./shared";

/** An output of a notebook. */
export interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Inert Markdown of the first lines of an answer, made in Python. */
export interface Inert {
  lines: readonly string[];
  /** How many lines of the answer it covers. */
  covers: number;
}

/** It uses no signals, because each side has its own copy of that library. */
export interface LiveReply {
  readonly id: string;
  readonly place: Place;
  /** Whether the page was opened or reloaded after the reply was displayed. */
  readonly restored: boolean;
  /** The current answer. */
  snapshot(): Snapshot;
  inert(): Inert;
  /** Makes Python send inert Markdown, because the output is saved from now on. */
  keep(): void;
  /** The final output, from the kernel; rejects when the kernel has ended. */
  output(): Promise<Output>;
  /** Draws it into `el` until the returned function is called. */
  show(el: HTMLElement): () => void;
  /** Its kernel sends nothing more. */
  lose(): void;
  /** Its output is saved: the kernel can drop the view. */
  release(): void;
}

interface Shared {
  replies: Map<string, LiveReply>;
  watchers: Set<() => void>;
  kept: boolean;
}

const shared = pageWide<Shared>("live-replies/1");
shared.replies ??= new Map();
shared.watchers ??= new Set();
const { replies, watchers } = shared as Shared;

function tell(): void {
  for (const watcher of [...watchers]) watcher();
}

export const liveReplies = {
  all: (): LiveReply[] => [...replies.values()],
  find: (id: string): LiveReply | undefined => replies.get(id),
  add(reply: LiveReply): void {
    replies.set(reply.id, reply);
    tell();
  },
  remove(reply: LiveReply): void {
    if (replies.get(reply.id) !== reply) return;
    replies.delete(reply.id);
    tell();
  },
  /** Whether the extension updates the outputs of replies in this page, and releases them when they are saved. */
  get areKept(): boolean {
    return shared.kept === true;
  },
  keep(): void {
    shared.kept = true;
  },
  /** Calls `watcher` when a reply was added or removed, until the returned function is called. */
  watch(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};
