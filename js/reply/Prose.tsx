/** Markdown that grows: the renderer in a box that Preact leaves alone. */

import { effect, type ReadonlySignal, useSignal } from "@preact/signals";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { codeCells } from "../page/code-cells";
import { MarkdownView, visible } from "../render";
import { Painter, type PainterOptions } from "./painter";
import { Typesetting } from "./typesetting";

export interface ProseProps {
  text: ReadonlySignal<string>;
  /** No more text will come. */
  done: ReadonlySignal<boolean>;
  /** Lines after the text that may still change. */
  open?: ReadonlySignal<string>;
  class: string;
}

/** If the renderer throws, the whole text is shown as plain text. */
export function Prose(props: ProseProps) {
  const broken = useSignal(false);
  if (broken.value) return <div class={`${props.class} nbs-plain`}>{visible(props.text.value)}</div>;
  const onError = (error: unknown) => {
    reportError(error);
    broken.value = true;
  };
  return <DrawnProse {...props} onError={onError} />;
}

function DrawnProse({ text, done, open, class: className, onError }: ProseProps & PainterOptions) {
  const box = useRef<HTMLDivElement>(null);
  const typeset = useContext(Typesetting);
  useLayoutEffect(
    () =>
      box.current
        ? paintInto(
            new MarkdownView(box.current, { typeset, insert: codeCells.insert }),
            text,
            done,
            open,
            onError,
          )
        : undefined,
    [text, done, open, typeset],
  );
  return <div ref={box} class={className} data-streaming={done.value ? undefined : ""} />;
}

function paintInto(
  view: MarkdownView,
  text: ReadonlySignal<string>,
  done: ReadonlySignal<boolean>,
  open: ReadonlySignal<string> | undefined,
  onError: (error: unknown) => void,
): () => void {
  const painter = new Painter(view, { immediate: prefersReducedMotion(), onError });
  painter.open(text.peek(), done.peek());
  const stopFollowing = effect(() => painter.update(text.value, done.value, open?.value));
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
