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

/** Draws `count` steps of `size` characters, one a frame or, unpainted, one after the other; gives the script's ms. */
export async function advance(count: number, size: number, paint: boolean): Promise<number> {
  let script = 0;
  const step = () => {
    const began = performance.now();
    shown.drawing.append(text.slice(at, at + size));
    script += performance.now() - began;
    shown.follow();
  };
  for (let i = 0; i < count && at < text.length; i++, at += size) {
    if (paint) await inFrame(step);
    else step();
  }
  await inFrame(() => {});
  return script;
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
