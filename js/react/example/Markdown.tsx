import { useLayoutEffect, useRef } from "react";
import { MarkdownView } from "../../render";

/**
 * An answer as Markdown, drawn by nbstream's own renderer: it only adds what is new, and builds nodes, so that
 * nothing a model says can become a script or fetch an image.
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

/** Draws what is new; gives what takes back a drawing that was put off. */
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
