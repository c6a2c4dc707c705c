/** The line below the answer: its figures and its buttons. */

import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isOver, type ReplyStore } from "../core/store";
import type { StopControl } from "../kernel/stop";
import { copyText, visible } from "../render";
import { type Figure, figures } from "./figures";
import { CheckIcon, CopyIcon, SourceIcon, StopIcon } from "./icons";
import { type RatingControl, Thumbs } from "./Rating";

/** How long "Copied" stays, in ms. */
const COPIED_FOR = 1500;

export interface FooterProps {
  store: ReplyStore;
  stop: StopControl | undefined;
  /** Whether the source is shown instead of the rendered answer: its Markdown, or the JSON of data. */
  raw: Signal<boolean>;
  /** The reader's rating of the answer. */
  rating: RatingControl;
  /** Buttons that are always available. */
  always?: ComponentChildren;
  /** Further buttons for a complete answer. */
  children?: ComponentChildren;
}

export function Footer({ store, stop, raw, rating, always, children }: FooterProps) {
  const status = store.status.value;
  const over = isOver(status);
  return (
    <div class="nbs-footer">
      <div class="nbs-figures">
        {figures(store.meta.value, status).map((figure) => (
          <FigureItem key={figure.text} {...figure} />
        ))}
      </div>
      <div class="nbs-actions">
        {!over && stop && <StopButton stop={stop} />}
        {over && <CopyButton {...copied(store, raw)} />}
        {(over || store.json.value) && <SourceButton data={store.json.value !== ""} raw={raw} />}
        {over && <Thumbs control={rating} />}
        {always}
        {over && children}
      </div>
    </div>
  );
}

function FigureItem({ kind, text, title }: Figure) {
  return (
    <span class={`nbs-figure nbs-figure-${kind}`} title={visible(title) || undefined}>
      {visible(text)}
    </span>
  );
}

function StopButton({ stop }: { stop: StopControl }) {
  const button = useRef<HTMLButtonElement>(null);
  useFocusHandover(button);
  const asked = stop.state.value === "asked";
  return (
    <button
      ref={button}
      type="button"
      class="nbs-button nbs-stop"
      aria-disabled={asked}
      title="Stop and keep the partial answer (Esc)"
      onClick={() => stop.request()}
    >
      <StopIcon />
      {asked ? "Stopping…" : "Stop"}
    </button>
  );
}

/** When a focused Stop button disappears, its successor gets the focus: keyboard users keep their place. */
function useFocusHandover(button: { current: HTMLButtonElement | null }): void {
  useLayoutEffect(() => {
    const actions = button.current?.parentElement;
    return () => {
      if (!actions || !button.current?.matches(":focus")) return;
      queueMicrotask(() => actions.querySelector("button")?.focus({ preventScroll: true }));
    };
  }, [button]);
}

/** Copies what is shown. */
function copied(store: ReplyStore, raw: Signal<boolean>): CopyButtonProps {
  const json = raw.value && store.json.value !== "";
  return json ? { label: "Copy as JSON", text: store.json } : { label: "Copy as Markdown", text: store.text };
}

function SourceButton({ data, raw }: { data: boolean; raw: Signal<boolean> }) {
  const source = data ? "JSON" : "Markdown source";
  return (
    <button
      type="button"
      class="nbs-button"
      aria-pressed={raw.value}
      title={raw.value ? "Show the rendered answer" : `Show the ${source}`}
      aria-label={source}
      onClick={() => {
        raw.value = !raw.value;
      }}
    >
      <SourceIcon />
      {data && source}
    </button>
  );
}

export interface CopyButtonProps {
  label: string;
  text: ReadonlySignal<string>;
}

export function CopyButton({ label: offer, text }: CopyButtonProps) {
  const copied = useSignal(false);
  const copy = async () => {
    copied.value = await copyText(text.value, document);
    setTimeout(() => {
      copied.value = false;
    }, COPIED_FOR);
  };
  const label = copied.value ? "Copied" : offer;
  return (
    <button type="button" class="nbs-button" title={label} aria-label={label} onClick={copy}>
      {copied.value ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
