/** An answer in steps of equal size, as fast as they can be drawn. */
import { inFrame, type Kind, type Message, message } from "./drawings";

let shown: Message;
let text = "";
let at = 0;

export function start(kind: Kind, answer: string): void {
  shown = message(kind);
  text = answer;
  at = 0;
}

/**
 * Draws `count` steps of `size` characters, one a frame or, unpainted, one after the other; returns the
 * script's ms. In frames, ours may put expensive drawing off to a later one; unpainted, every step is drawn.
 */
export async function advance(count: number, size: number, paint: boolean): Promise<number> {
  let script = 0;
  const draw = (delta: string) => {
    const began = performance.now();
    const drawn = shown.drawing.append(delta);
    script += performance.now() - began;
    shown.follow();
    return drawn;
  };
  for (let i = 0; i < count && at < text.length; i++, at += size) {
    const delta = text.slice(at, at + size);
    if (paint) await inFrame(() => draw(delta));
    else if (!draw(delta)) await rest(() => draw(""));
  }
  await inFrame(() => {});
  return script;
}

/** Waits, idle, until what was put off is drawn. */
async function rest(drawn: () => boolean): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (!drawn());
}

/** Ends the answer; gives how long that took in ms, with layout. */
export async function finish(): Promise<number> {
  const began = performance.now();
  shown.drawing.finish();
  shown.follow();
  const took = performance.now() - began;
  await inFrame(() => {});
  return took;
}
