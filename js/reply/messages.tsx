/** The error box and the warning lines. */

import type { ReadonlySignal } from "@preact/signals";
import type { Notice, ReplyError } from "../core/protocol";
import type { ReplyStore } from "../core/store";
import { STOP_UNHEARD, type StopControl, unheard } from "../kernel/stop";
import { visible } from "../render";
import { WarningIcon } from "./icons";
import { isWarning } from "./notices";

const DECISION_UNHEARD = unheard("receive your decision");

export interface NoticesProps {
  store: ReplyStore;
  stop: StopControl | undefined;
  /** Whether the reader's decision on a tool call did not reach the kernel. */
  undecided: ReadonlySignal<boolean> | undefined;
}

export function Notices({ store, stop, undecided }: NoticesProps) {
  return (
    <>
      {store.meta.value.notices.map((notice: Notice) => (
        <NoticeLine key={notice.kind + notice.text} text={notice.text} warns={isWarning(notice.kind)} />
      ))}
      {undecided?.value && <NoticeLine text={DECISION_UNHEARD} />}
      {stop?.state.value === "unheard" && <NoticeLine text={STOP_UNHEARD} />}
    </>
  );
}

export function NoticeLine({ text, warns = true }: { text: string; warns?: boolean }) {
  return (
    <p class="nbs-notice">
      {warns && <WarningIcon />}
      <span>{visible(text)}</span>
    </p>
  );
}

export interface StaleMarkProps {
  /** Label of the retry button. */
  label: string;
  onAgain: (() => void) | undefined;
}

/** Marks an answer whose conversation has changed since. */
export function StaleMark({ label, onAgain }: StaleMarkProps) {
  return (
    <div class="nbs-stale">
      <NoticeLine text="An earlier turn changed after this answer." />
      {onAgain && (
        <button type="button" class="nbs-button nbs-framed" onClick={onAgain}>
          {label}
        </button>
      )}
    </div>
  );
}

export interface ErrorBoxProps {
  error: ReplyError;
  onContinue: (() => void) | undefined;
  onRetry: (() => void) | undefined;
}

export function ErrorBox({ error, onContinue, onRetry }: ErrorBoxProps) {
  return (
    <section class="nbs-error" aria-label="Error" title={error.type || undefined}>
      <p class="nbs-error-message">{visible(error.message || error.kind)}</p>
      {error.advice && <p class="nbs-error-advice">{visible(error.advice)}</p>}
      {onContinue && <ContinueButton onContinue={onContinue} />}
      {onRetry && <RetryButton onRetry={onRetry} />}
    </section>
  );
}

export function RetryButton({ onRetry }: { onRetry: () => void }) {
  return (
    <button type="button" class="nbs-button nbs-retry" title="Send the prompt again" onClick={onRetry}>
      Retry
    </button>
  );
}

export function ContinueButton({ onContinue }: { onContinue: () => void }) {
  return (
    <button
      type="button"
      class="nbs-button nbs-retry"
      title="Request the rest, as a new version that starts with this text"
      onClick={onContinue}
    >
      Continue
    </button>
  );
}
