/**
 * Draws an output once it is near the window. JupyterLab attaches the outputs of a whole notebook when it is
 * opened, so that hundreds of answers would be drawn which nobody has scrolled to.
 */

/** How far outside the window an output is drawn, in CSS pixels. */
const MARGIN = 1500;

const scrollers = new WeakMap<Element, IntersectionObserver>();
const waiting = new Map<Element, () => void>();

/** Calls `draw` once `element`, which is in the page, is near the window; the result cancels that. */
export function whenNear(element: Element, draw: () => void): () => void {
  const observer = observerFor(element.closest(".jp-WindowedPanel-outer") ?? element.ownerDocument.body);
  waiting.set(element, draw);
  observer.observe(element);
  return () => {
    waiting.delete(element);
    observer.unobserve(element);
  };
}

/** Draws all outputs that wait, for a printer. */
export function drawAll(): void {
  for (const [element, draw] of [...waiting]) {
    waiting.delete(element);
    draw();
  }
}

function observerFor(scroller: Element): IntersectionObserver {
  const known = scrollers.get(scroller);
  if (known) return known;
  // The margin of the viewport would end at the edges of what scrolls inside it.
  const root = scroller === scroller.ownerDocument.body ? null : scroller;
  const observer = new IntersectionObserver(drawSeen, { root, rootMargin: `${MARGIN}px 0px` });
  scrollers.set(scroller, observer);
  return observer;
}

function drawSeen(entries: IntersectionObserverEntry[], observer: IntersectionObserver): void {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    const draw = waiting.get(target);
    waiting.delete(target);
    draw?.();
  }
}
