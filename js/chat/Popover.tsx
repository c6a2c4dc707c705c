/** A button that opens a small panel above everything else, even if the widget is clipped. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Distance to the button and to the edges of the window, in CSS pixels. */
const GAP = 6;
/** As in chat.css. */
const MAX_WIDTH = 310;

type Toggle = Pick<ToggleEvent, "newState">;

export interface PopoverProps {
  /** The button's tooltip, and the name of the panel. */
  title: string;
  /** The button's accessible name (default `title`). */
  label?: string;
  class: string;
  /** The button's content. */
  face: ComponentChildren;
  disabled?: boolean;
  onOpen?: () => void;
  /** The panel's content, created when it opens; `close` returns the focus to the button. */
  children: (close: () => void) => ComponentChildren;
}

export function Popover({
  title,
  label = title,
  class: className,
  face,
  disabled,
  onOpen,
  children,
}: PopoverProps) {
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const open = useSignal(false);
  useLayoutEffect(() => {
    // An id would have to be unique in the page.
    if (button.current) button.current.popoverTargetElement = panel.current;
  }, []);
  const close = () => panel.current?.hidePopover();
  useCloseOnScroll(panel, open.value);
  const onBeforeToggle = ({ newState }: Toggle) => {
    if (newState === "closed") return;
    open.value = true;
    if (button.current && panel.current) place(panel.current, button.current.getBoundingClientRect());
    onOpen?.();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={className}
        aria-label={label}
        title={title}
        aria-haspopup="dialog"
        disabled={disabled}
      >
        {face}
      </button>
      <div
        ref={panel}
        popover="auto"
        class="nbs-panel"
        role="dialog"
        aria-label={title}
        onBeforeToggle={onBeforeToggle}
        onToggle={({ newState }) => {
          // Not earlier: the browser returns the focus to the button if it is still in the panel.
          open.value = newState === "open";
          if (open.value) panel.current?.querySelector<HTMLElement>("input, button")?.focus();
        }}
        onKeyDown={heedKey}
      >
        {open.value && children(close)}
      </div>
    </>
  );
}

/** The arrow keys move through the panel. */
function heedKey(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  // The browser closes the panel; this Esc must do nothing else.
  if (event.key === "Escape") event.stopPropagation();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, button")];
  const here = stops.findIndex((element) => element.matches(":focus"));
  stops[(here + step + stops.length) % stops.length]?.focus();
}

/** Above or below the button, where there is more room, and inside the window. */
function place({ style }: HTMLElement, { top, bottom, left }: DOMRect): void {
  const below = innerHeight - bottom > top;
  style.top = below ? `${bottom + GAP}px` : "auto";
  style.bottom = below ? "auto" : `${innerHeight - top + GAP}px`;
  style.left = `${Math.max(Math.min(left, innerWidth - MAX_WIDTH - GAP), GAP)}px`;
  style.maxHeight = `${(below ? innerHeight - bottom : top) - 2 * GAP}px`;
  style.maxWidth = `${innerWidth - 2 * GAP}px`;
}

/** The panel is fixed in the window, so it is closed when its button moves. */
function useCloseOnScroll(panel: { current: HTMLElement | null }, open: boolean): void {
  useEffect(() => {
    if (!open) return;
    const onScroll = ({ target }: Event) => {
      if (!panel.current?.contains(target as Node)) panel.current?.hidePopover();
    };
    addEventListener("scroll", onScroll, { capture: true });
    return () => removeEventListener("scroll", onScroll, { capture: true });
  }, [panel, open]);
}
