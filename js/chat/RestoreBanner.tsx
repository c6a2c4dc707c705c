/** Offers to restore the conversation of an earlier kernel saved in the notebook. */

import { useSignal } from "@preact/signals";
import type { Earlier } from "../page/chat-keeper";
import { NoticeLine } from "../reply/messages";
import { useLive, useSender, useView } from "./view-state";

export function RestoreBanner() {
  const earlier = useLive().earlier.value;
  return earlier && <Offer {...earlier} />;
}

function Offer({ data, provenance, messages, contents }: Earlier) {
  const view = useView();
  const live = useLive();
  const { send, refusal } = useSender();
  const tried = useSignal(false);
  const load = async () => {
    if (live.busy.peek()) return;
    if (await send({ name: "load", data, provenance })) forget();
    // A second try would add the readable part twice.
    else tried.value = true;
  };
  const forget = () => {
    view.keepFocus();
    live.forget();
  };
  return (
    <section class="nbs-earlier" aria-label="Earlier conversation">
      {refusal.value ? (
        <NoticeLine text={refusal.value} />
      ) : (
        <p>{`The notebook contains an earlier conversation: ${[`${messages} messages`, ...contents].join(", ")}.`}</p>
      )}
      <div class="nbs-earlier-answers">
        {!tried.value && (
          <button type="button" class="nbs-button nbs-primary" aria-disabled={live.busy.value} onClick={load}>
            Load it
          </button>
        )}
        <button
          type="button"
          class="nbs-button nbs-framed"
          title="Continue without it and remove it from the notebook"
          onClick={forget}
        >
          Dismiss
        </button>
      </div>
    </section>
  );
}
