/** Draws what is near the visible part of the list, and keeps the place of all else. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Listener, VisibilityObserver } from "./visibility-observer";

export interface LazyMountProps {
  visibility: VisibilityObserver;
  /** Whether it is drawn from the start, before the browser has said where it is. */
  near: boolean;
  /** Height in CSS pixels to begin with; after it was drawn once, its height is known. */
  estimate: () => number;
  /** What stands in its place while it is far: found by the browser's search and by screen readers. */
  words: () => string;
  children: () => ComponentChildren;
}

export function LazyMount({ visibility, near: initially, estimate, words, children }: LazyMountProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const near = useSignal(initially);
  const onChange: Listener = ({ isIntersecting, boundingClientRect, target }) => {
    // In a hidden tab nothing has a size, and nothing changes its place.
    if (boundingClientRect.width === 0) return;
    if (near.peek()) height.current = boundingClientRect.height;
    near.value = isIntersecting || target.matches(":focus-within");
  };
  useLayoutEffect(() => (box.current ? visibility.observe(box.current, onChange) : undefined), [visibility]);
  if (near.value) return <div ref={box}>{children()}</div>;
  height.current ||= estimate();
  return (
    <div ref={box} class="nbs-far" style={{ height: `${height.current}px` }}>
      {words()}
    </div>
  );
}
