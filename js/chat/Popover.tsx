/** A button that opens a small panel over everything else, whatever clips the widget. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Distance to the button and to the edges of the window, in CSS pixels. */
const GAP = 6;
/** As in chat.css. */
const MAX_WIDTH = 310;

type Toggle = Pick<ToggleEvent, "newState">;

export interface PopoverProps {
  /** What the button does; also the name of the panel. */
  title: string;
  /** What the button is called by assistive technology (default `title`). */
  label?: string;
  class: string;
  /** What the button shows. */
  face: ComponentChildren;
  disabled?: boolean;
  onOpen?: () => void;
  /** The panel's content, made when it opens; `close` gives the focus back to the button. */
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
    // An id would have to be unique among all widgets of the page.
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
          // Not before: the browser gives the focus back to the button if it is in the panel still.
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

/** The arrow keys walk through what is in the panel. */
function heedKey(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  // The browser closes the panel; nothing else is meant by this Esc.
  if (event.key === "Escape") event.stopPropagation();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("input, button")];
  const here = stops.findIndex((element) => element.matches(":focus"));
  stops[(here + step + stops.length) % stops.length]?.focus();
}

/** Over or under the button, where there is more room, and within the window. */
function place({ style }: HTMLElement, { top, bottom, left }: DOMRect): void {
  const below = innerHeight - bottom > top;
  style.top = below ? `${bottom + GAP}px` : "auto";
  style.bottom = below ? "auto" : `${innerHeight - top + GAP}px`;
  style.left = `${Math.max(Math.min(left, innerWidth - MAX_WIDTH - GAP), GAP)}px`;
  style.maxHeight = `${(below ? innerHeight - bottom : top) - 2 * GAP}px`;
  style.maxWidth = `${innerWidth - 2 * GAP}px`;
}

/** The panel stands still in the window: it must not stay behind when its button moves away. */
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
