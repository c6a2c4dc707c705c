/**
 * The view of one reply, live or saved: the widget and the JupyterLab extension use the same component, so
 * nothing moves when one replaces the other.
 */

import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useErrorBoundary, useLayoutEffect, useRef } from "preact/hooks";
import { isOver, type ReplyStore } from "../core/store";
import type { StopControl } from "../kernel/stop";
import { type Typesetter, visible } from "../render";
import { useAnnouncements } from "./announce";
import { Attachments, Images, Sources } from "./Beside";
import { FilledPrompt } from "./FilledPrompt";
import { Footer } from "./Footer";
import { type Inspectable, InspectButton, InspectorPanel, useInspecting } from "./inspecting";
import { ContinueButton, ErrorBox, Notices, RetryButton } from "./messages";
import { mount } from "./mount";
import { Prose } from "./Prose";
import { type Rate, RatingNote, useRating } from "./Rating";
import { Reasoning } from "./Reasoning";
import { sourceOf, useRaw } from "./raw";
import { type Decide, ToolCalls } from "./ToolCalls";
import { isTree, Tree } from "./Tree";
import { followTheme } from "./theme";
import { Waiting } from "./Waiting";

export interface ReplyViewProps {
  store: ReplyStore;
  /** How to stop the answer; without it there is no Stop button. */
  stop?: StopControl | undefined;
  /** Sends the same request again; without it there is no Retry button. */
  onRetry?: (() => void) | undefined;
  /** Requests the rest of an answer that was cut; without it there is no Continue button. */
  onContinue?: (() => void) | undefined;
  /** Sends the user's decision on tool calls that need approval. */
  onDecide?: Decide | undefined;
  /** Whether that decision did not reach the kernel. */
  undecided?: ReadonlySignal<boolean> | undefined;
  /** Shown instead of the answer. */
  instead?: ComponentChildren;
  /** Shown below the answer. */
  below?: ComponentChildren;
  /** More that can be done with a complete answer: buttons of the footer. */
  actions?: ComponentChildren;
  /** The source of the stream's events; without it there is no inspector. */
  inspectable?: Inspectable | undefined;
  /** Rates a complete answer; without it, a rating is only shown. */
  onRate?: Rate | undefined;
}

/** Draws a reply into `host` until the returned function is called. */
export function mountReply(host: HTMLElement, typeset: Typesetter, props: ReplyViewProps): () => void {
  return mount(host, typeset, <ReplyView {...props} />);
}

export function ReplyView(props: ReplyViewProps) {
  const root = useRef<HTMLElement>(null);
  useLayoutEffect(() => (root.current ? followTheme(root.current) : undefined), []);
  const { store, stop, inspectable } = props;
  const inspecting = useInspecting(inspectable?.id);
  useAnnouncements(store.status);
  const onKeyDown = (event: KeyboardEvent) => {
    // The notebook would handle Enter as "run this cell" and remove the view.
    event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing && !isOver(store.status.peek())) stop?.request();
  };
  return (
    <article
      ref={root}
      class="nbstream"
      data-status={store.status.value}
      data-lm-suppress-shortcuts="true"
      aria-label={`Answer of ${store.meta.value.model ?? "the model"}`}
      onKeyDown={onKeyDown}
      onMouseDown={leaveFocus}
    >
      <ReplyContents
        {...props}
        always={inspectable && <InspectButton inspectable={inspectable} open={inspecting} />}
      />
      {inspectable && inspecting.value && <InspectorPanel inspectable={inspectable} />}
    </article>
  );
}

/** A click on a button must leave the focus in the notebook: otherwise its shortcuts would not work. */
function leaveFocus(event: MouseEvent): void {
  if (event.target instanceof Element && event.target.closest("button")) event.preventDefault();
}

export interface ReplyContentsProps extends ReplyViewProps {
  /** What can be done at any time: buttons of the footer. */
  always?: ComponentChildren;
}

/** A reply without the outer element of a widget. */
export function ReplyContents(props: ReplyContentsProps) {
  const { store, stop, onRetry, instead } = props;
  const [failure] = useErrorBoundary((error) => reportError(error));
  const done = useComputed(() => isOver(store.status.value));
  const asking = useComputed(() => store.tools.value.some(({ state }) => state === "asking"));
  const raw = useRaw(store.id);
  const tree = useComputed(() => store.tree.value && isTree(store.text.value));
  const rating = useRating(store, props.onRate);
  if (failure) return <pre class="nbs-raw">{store.text.value}</pre>;
  const { error, continuable } = store.meta.value;
  const onContinue = continuable ? props.onContinue : undefined;
  // The cell shows its own error below an answer that failed, so it is not repeated.
  const boxed = error?.raised ? null : error;
  return (
    <>
      <Attachments store={store} />
      <Reasoning store={store} />
      <ToolCalls store={store} onDecide={props.onDecide} />
      <div class="nbs-body" role="log" aria-label="Answer" aria-live="off" aria-busy={!done.value}>
        <div hidden={raw.value || Boolean(instead)}>
          {tree.value ? (
            <Tree text={store.text} open={store.open} />
          ) : (
            <Prose class="nbs-prose" text={store.text} done={done} open={store.open} />
          )}
        </div>
        {instead || (raw.value && <pre class="nbs-raw">{visible(sourceOf(store))}</pre>)}
      </div>
      <Images store={store} />
      <Sources store={store} />
      {props.below}
      {/* While a call needs approval, the reply waits for the user. */}
      {!asking.value && <Waiting store={store} />}
      <Notices store={store} stop={stop} undecided={props.undecided} />
      {boxed && <ErrorBox error={boxed} onContinue={onContinue} onRetry={onRetry} />}
      <Footer store={store} stop={stop} raw={raw} rating={rating} always={props.always}>
        {!boxed && onContinue && <ContinueButton onContinue={onContinue} />}
        {error && !boxed && onRetry && <RetryButton onRetry={onRetry} />}
        {props.actions}
      </Footer>
      {done.value && <RatingNote control={rating} />}
      <FilledPrompt store={store} />
    </>
  );
}
