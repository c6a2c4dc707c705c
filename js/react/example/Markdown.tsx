import { useLayoutEffect, useRef } from "react";
import { MarkdownView } from "../../render";

/**
 * An answer as Markdown, drawn by nbstream's own renderer: it only adds new text, and creates nodes, so that
 * a model's text cannot run scripts or load images.
 */
export function Markdown({ text, isComplete }: { text: string; isComplete: boolean }) {
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<MarkdownView | null>(null);

  useLayoutEffect(() => {
    if (!root.current) return;
    view.current ??= new MarkdownView(root.current);
    return draw(view.current, text, isComplete);
  }, [text, isComplete]);

  return <div ref={root} />;
}

/** Draws new text; returns a function that cancels a postponed drawing. */
function draw(view: MarkdownView, text: string, isComplete: boolean): () => void {
  let frame = 0;
  const flush = () => {
    if (!view.flush()) frame = requestAnimationFrame(flush);
  };
  view.append(text.slice(view.source.length));
  if (isComplete) view.finish();
  else flush();
  return () => cancelAnimationFrame(frame);
}
