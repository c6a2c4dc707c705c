/**
 * The replies that stream into this page, whoever draws them. The code of the widget brings them, one per model of
 * its kernel; the JupyterLab extension draws them in their outputs and keeps those up to date. Where there is no
 * extension nobody asks.
 */

import type { Place, Snapshot } from "../core/protocol";
import { pageWide } from "./shared";

/** An output of a notebook. */
export interface Output {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Inert Markdown of the first lines of an answer, as Python makes it. */
export interface Inert {
  lines: readonly string[];
  /** How many lines of the answer they are made of. */
  covers: number;
}

/** No signals: the two sides have each a copy of that library of their own. */
export interface LiveReply {
  readonly id: string;
  readonly place: Place;
  /** Whether the page was opened or reloaded after the reply was displayed. */
  readonly restored: boolean;
  /** The answer as it is now. */
  snapshot(): Snapshot;
  inert(): Inert;
  /** Has Python send inert Markdown, because the output is kept from here on. */
  keep(): void;
  /** The output that stays, from the kernel; rejects when the kernel has ended. */
  output(): Promise<Output>;
  /** Draws it into `el`; the function it returns takes it away again. */
  show(el: HTMLElement): () => void;
  /** Nothing more comes from its kernel. */
  lose(): void;
  /** Its output is safe: the kernel may forget the view. */
  release(): void;
}

interface Shared {
  replies: Map<string, LiveReply>;
  watchers: Set<() => void>;
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
  /** Calls `watcher` when a reply has come or gone; the returned function ends that. */
  watch(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};
