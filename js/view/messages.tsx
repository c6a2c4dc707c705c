/** What went wrong, or nearly: the error box and the quiet warning lines. */

import type { Notice, ReplyError } from "../core/protocol";
import type { ReplyStore } from "../core/store";
import { visible } from "../render";
import { WarningIcon } from "./icons";
import type { StopControl } from "./stopping";

export const STOP_UNHEARD = "The kernel did not hear Stop. Interrupt it with ■ in the notebook's toolbar.";

export function Notices({ store, stop }: { store: ReplyStore; stop: StopControl | undefined }) {
  const unheard = stop?.state.value === "unheard";
  return (
    <>
      {store.meta.value.notices.map((notice: Notice) => (
        <NoticeLine key={notice.kind + notice.text} text={notice.text} />
      ))}
      {unheard && <NoticeLine text={STOP_UNHEARD} />}
    </>
  );
}

export function NoticeLine({ text }: { text: string }) {
  return (
    <p class="nbs-notice">
      <WarningIcon />
      <span>{visible(text)}</span>
    </p>
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
      {onRetry && (
        <button type="button" class="nbs-button nbs-retry" title="Ask anew" onClick={onRetry}>
          Retry
        </button>
      )}
    </section>
  );
}

export function ContinueButton({ onContinue }: { onContinue: () => void }) {
  return (
    <button
      type="button"
      class="nbs-button nbs-retry"
      title="Ask for the rest, as a new version that begins with this text"
      onClick={onContinue}
    >
      Continue
    </button>
  );
}
