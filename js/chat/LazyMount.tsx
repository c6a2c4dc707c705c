/** Draws elements near the visible part of the list, and reserves space for the others. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Listener, VisibilityObserver } from "./visibility-observer";

export interface LazyMountProps {
  visibility: VisibilityObserver;
  /** Whether it is drawn immediately, before its position is known. */
  near: boolean;
  /** Initial height in CSS pixels; once drawn, the real height is used. */
  estimate: () => number;
  /** Placeholder text while it is not drawn: found by the browser's search and screen readers. */
  words: () => string;
  children: () => ComponentChildren;
}

export function LazyMount({ visibility, near: initially, estimate, words, children }: LazyMountProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const near = useSignal(initially);
  const onChange: Listener = ({ isIntersecting, boundingClientRect, target }) => {
    // In a hidden tab elements have no size.
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
