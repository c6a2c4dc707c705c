/** An answer at the pace of a model, drawn at most once a frame. */
import { type Kind, type Message, message, paint } from "./drawings";

const TOKEN = 4;
/** How often messages come, in ms: a kernel gathers what it sends. */
const INTERVAL = 8;

export interface Paced {
  /** From the sending of a message to the paint of its text, in ms, sorted. */
  latencies: number[];
  /** From the sending of the last to the paint of the complete answer, in ms. */
  last: number;
  /** Tasks above 50 ms: how many, and ms in all. */
  longTasks: { count: number; total: number };
  /** Nodes that were put into the message and taken out of it. */
  nodes: { added: number; removed: number };
  /** From the first message to the last paint, in ms. */
  duration: number;
}

/** Streams `text` at so many tokens a second. */
export async function stream(kind: Kind, text: string, tokensPerSecond: number): Promise<Paced> {
  const shown = message(kind);
  const nodes = countNodes(shown.root);
  const longTasks = countLongTasks();
  const began = performance.now();
  const reader = new Reader(shown);
  await play(text, tokensPerSecond, (delta, sent) => reader.receive(delta, sent));
  const last = await reader.end();
  const duration = performance.now() - began;
  await new Promise((done) => setTimeout(done, 100));
  return { latencies: reader.latencies.sort((a, b) => a - b), last, longTasks, nodes, duration };
}

/** Collects deltas until the next frame, and measures times. */
class Reader {
  readonly latencies: number[] = [];
  readonly #shown: Message;
  #text = "";
  #sent: number[] = [];
  #painting: Promise<void> | undefined;
  #ended = false;
  #finished = false;

  constructor(shown: Message) {
    this.#shown = shown;
  }

  receive(delta: string, sent: number): void {
    this.#text += delta;
    this.#sent.push(sent);
    this.#painting ??= this.#paint();
  }

  /**
   * Completes the answer in the frame that comes, whatever was put off, as the widget does; returns the time
   * from the sending of its last message until it is painted.
   */
  async end(): Promise<number> {
    const last = this.#sent.at(-1) ?? performance.now();
    this.#ended = true;
    this.#painting ??= this.#paint();
    await this.#painting;
    return performance.now() - last;
  }

  /** One frame after the other, as long as anything waits to be drawn. */
  async #paint(): Promise<void> {
    while (this.#sent.length || this.#ended !== this.#finished) {
      this.#painted(await paint(() => (this.#ended ? this.#finish() : this.#draw())));
    }
    this.#painting = undefined;
  }

  #painted(sent: number[]): void {
    const now = performance.now();
    this.latencies.push(...sent.map((time) => now - time));
  }

  #finish(): number[] {
    if (this.#text) this.#shown.drawing.append(this.#text);
    this.#shown.drawing.finish();
    this.#shown.follow();
    this.#finished = true;
    return this.#sent.splice(0);
  }

  /** Draws what waits; gives when it was sent. */
  #draw(): number[] {
    const drawn = this.#shown.drawing.append(this.#text);
    this.#text = "";
    this.#shown.follow();
    return drawn ? this.#sent.splice(0) : [];
  }
}

/** Sends the text from a worker, whose clock a busy page does not hold up; resolves with the last piece. */
async function play(
  text: string,
  tokensPerSecond: number,
  receive: (delta: string, sent: number) => void,
): Promise<void> {
  const source = `setInterval(() => postMessage(performance.timeOrigin + performance.now()), ${INTERVAL})`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  const began = performance.now();
  let at = 0;
  await new Promise<void>((done) => {
    worker.onmessage = ({ data }: MessageEvent<number>) => {
      const sent = data - performance.timeOrigin;
      const due = Math.floor(((sent - began) / 1000) * tokensPerSecond) * TOKEN;
      if (due > at) receive(text.slice(at, due), sent);
      at = Math.max(at, due);
      if (at >= text.length) done();
    };
  });
  worker.terminate();
  URL.revokeObjectURL(url);
}

function countNodes(root: Node): Paced["nodes"] {
  const nodes = { added: 0, removed: 0 };
  const observer = new MutationObserver((records) => {
    for (const { addedNodes, removedNodes } of records) {
      nodes.added += addedNodes.length;
      nodes.removed += removedNodes.length;
    }
  });
  observer.observe(root, { childList: true, subtree: true });
  return nodes;
}

function countLongTasks(): Paced["longTasks"] {
  const tasks = { count: 0, total: 0 };
  const observer = new PerformanceObserver((list) => {
    tasks.count += list.getEntries().length;
    for (const { duration } of list.getEntries()) tasks.total += duration;
  });
  observer.observe({ type: "longtask" });
  return tasks;
}
