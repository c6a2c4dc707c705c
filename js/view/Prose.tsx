/** Markdown that grows: the renderer in a box that Preact leaves alone. */

import { effect, type ReadonlySignal, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { MarkdownView } from "../render";
import { Painter } from "./painter";

export interface ProseProps {
  text: ReadonlySignal<string>;
  /** No more text will come. */
  done: ReadonlySignal<boolean>;
  class: string;
}

export function Prose({ text, done, class: className }: ProseProps) {
  const box = useRef<HTMLDivElement>(null);
  const broken = useSignal(false);
  useLayoutEffect(() => {
    if (!box.current) return;
    return paintInto(box.current, text, done, (error) => {
      reportError(error);
      broken.value = true;
    });
  }, [text, done, broken]);
  // Should the renderer ever throw, the reader still gets every word, as plain text.
  if (broken.value) return <div class={`${className} nbs-plain`}>{text.value}</div>;
  return <div ref={box} class={className} data-streaming={done.value ? undefined : ""} />;
}

function paintInto(
  box: HTMLElement,
  text: ReadonlySignal<string>,
  done: ReadonlySignal<boolean>,
  onError: (error: unknown) => void,
): () => void {
  const view = new MarkdownView(box);
  const painter = new Painter(view, { immediate: prefersReducedMotion(), onError });
  painter.open(text.peek(), done.peek());
  const stopFollowing = effect(() => painter.update(text.value, done.value));
  const onReturn = () => painter.flush();
  document.addEventListener("visibilitychange", onReturn);
  return () => {
    document.removeEventListener("visibilitychange", onReturn);
    stopFollowing();
    painter.dispose();
    view.dispose();
  };
}

function prefersReducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
