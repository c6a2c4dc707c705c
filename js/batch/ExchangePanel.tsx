/** The whole exchange of one row: what was sent, the answer or its error, and their figures. All of it is text. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Exchange } from "../core/batch-protocol";
import { copyText } from "../render/clipboard";
import { visible } from "../render/invisible";
import { grouped, priceText, seconds } from "../reply/figures";
import type { BatchSession } from "./session";
import { counted, statusText } from "./wording";

const LACKS = "The kernel did not send this row.";

export interface ExchangePanelProps {
  live: BatchSession;
  row: number;
  onClose: () => void;
}

export function ExchangePanel({ live, row, onClose }: ExchangePanelProps) {
  const { store } = live;
  const root = useRef<HTMLElement>(null);
  const found = useSignal<Exchange | null>(null);
  const problem = useSignal("");
  void store.version.value;
  // Requested again when the row has ended, or was sent again.
  const code = store.columns.status[row] ?? 0;
  const order = store.columns.order[row] ?? 0;
  useEffect(() => {
    let isCurrent = true;
    live.exchange(row).then(
      (exchange) => {
        if (!isCurrent) return;
        found.value = exchange;
        problem.value = "";
      },
      (error) => {
        if (isCurrent) problem.value = error instanceof Error && error.message ? error.message : LACKS;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [live, row, code, order]);
  useLayoutEffect(() => root.current?.scrollIntoView?.({ block: "nearest" }), [row]);
  const exchange = found.value?.row === row ? found.value : null;
  const label = exchange && exchange.label !== String(row) ? ` (${visible(exchange.label)})` : "";
  return (
    <section ref={root} class="nbs-batch-exchange" aria-label={`Row ${row}`}>
      <header>
        <strong>
          Row {row}
          {label}
        </strong>
        <span>{statusText(code, store.figures.value.phase === "ended")}</span>
        {exchange && <span class="nbs-batch-facts">{factsOf(exchange).join(" · ")}</span>}
        <button type="button" class="nbs-button nbs-framed" onClick={onClose}>
          Close
        </button>
      </header>
      {problem.value && !exchange && <p class="nbs-batch-error">{visible(problem.value)}</p>}
      {exchange?.error && <Text name="Error" text={exchange.error} error />}
      {exchange?.messages.map(([role, text], index) => (
        <Text key={index} name={role} text={text} />
      ))}
      {exchange?.reasoning && <Text name="reasoning" text={exchange.reasoning} />}
      {exchange?.answer && <Text name="answer" text={exchange.answer} />}
    </section>
  );
}

function factsOf(exchange: Exchange): string[] {
  const { input, output, cached_tokens: read, cost, attempts = 0, finish_reason: reason } = exchange;
  return [
    reason ? visible(reason) : "",
    input || output ? `${grouped(input ?? 0)} tokens in, ${grouped(output ?? 0)} out` : "",
    read ? `${grouped(read)} read from the cache` : "",
    cost ? priceText(cost) : "",
    exchange.seconds ? seconds(exchange.seconds) : "",
    attempts > 0 ? counted(attempts, "request") : "",
    exchange.cached ? "not sent in this run" : "",
  ].filter(Boolean);
}

function Text({ name, text, error = false }: { name: string; text: string; error?: boolean }) {
  const copied = useSignal(false);
  return (
    <figure class="nbs-batch-text" data-error={error || undefined}>
      <figcaption>
        <span>{visible(name)}</span>
        <button
          type="button"
          class="nbs-button"
          aria-label={`Copy: ${name}`}
          onClick={async () => {
            copied.value = await copyText(text, document);
          }}
        >
          {copied.value ? "Copied" : "Copy"}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard. */}
      <pre class="nbs-raw" tabIndex={0} dir="auto">
        {visible(text)}
      </pre>
    </figure>
  );
}
