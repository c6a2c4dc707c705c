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
  onRetry: (() => void) | undefined;
}

export function ErrorBox({ error, onRetry }: ErrorBoxProps) {
  return (
    <section class="nbs-error" aria-label="Error" title={error.type || undefined}>
      <p class="nbs-error-message">{visible(error.message || error.kind)}</p>
      {error.advice && <p class="nbs-error-advice">{visible(error.advice)}</p>}
      {onRetry && (
        <button type="button" class="nbs-button nbs-retry" onClick={onRetry}>
          Retry
        </button>
      )}
    </section>
  );
}
