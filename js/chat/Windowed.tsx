/** Draws what is near the visible part of the page, and keeps the place of all else. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** How far outside of the visible part things are drawn, in CSS pixels. */
const MARGIN = "1000px";

type Listener = (entry: IntersectionObserverEntry) => void;

const listeners = new WeakMap<Element, Listener>();
let observer: IntersectionObserver | undefined;

/** One observer for all: its margin counts for the page and for every scrolled box inside of it. */
function observe(element: Element, listener: Listener): () => void {
  const options = { rootMargin: MARGIN, scrollMargin: MARGIN };
  observer ??= new IntersectionObserver((entries) => {
    for (const entry of entries) listeners.get(entry.target)?.(entry);
  }, options);
  listeners.set(element, listener);
  observer.observe(element);
  return () => observer?.unobserve(element);
}

export interface WindowedProps {
  /** Whether it is drawn from the start, before the browser has said where it is (default false). */
  near?: boolean;
  /** Height in CSS pixels to begin with; after it was drawn once, its height is known. */
  estimate: () => number;
  /** What stands in its place while it is far: found by the browser's search and by screen readers. */
  words: () => string;
  children: () => ComponentChildren;
}

export function Windowed({ near: initially = false, estimate, words, children }: WindowedProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const near = useSignal(initially);
  useLayoutEffect(() => (box.current ? observe(box.current, heed) : undefined), []);
  const heed = ({
    isIntersecting,
    boundingClientRect: { width, height: drawn },
    target,
  }: IntersectionObserverEntry) => {
    // In a hidden tab nothing has a size, and nothing changes its place.
    if (width === 0) return;
    if (near.peek()) height.current = drawn;
    near.value = isIntersecting || target.contains((target.getRootNode() as Document).activeElement);
  };
  if (near.value) return <div ref={box}>{children()}</div>;
  height.current ||= estimate();
  return (
    <div ref={box} class="nbs-far" style={{ height: `${height.current}px` }}>
      {words()}
    </div>
  );
}
