/** The chosen row: its event, and the raw chunk behind it. */

import { useSignal } from "@preact/signals";
import type { InspectedChunk, InspectedRow } from "../core/inspection";
import { copyText } from "../render/clipboard";
import { visible } from "../render/invisible";
import { pretty } from "./export";
import { duration, grouped, signOf } from "./wording";

export interface DetailsProps {
  row: InspectedRow | undefined;
  chunk: InspectedChunk | undefined;
}

export function Details({ row, chunk }: DetailsProps) {
  if (!row) return <p class="nbi-hint">Select a row to see its raw chunk.</p>;
  const { type, at, gap, chunk: _, ...fields } = row;
  const [, meaning] = signOf(row);
  const facts = [type, meaning, `at ${duration(at)}`, gap === null ? "" : `${duration(gap)} after the last`];
  return (
    <div class="nbi-details">
      {type !== "chunk" && (
        <Source title={facts.filter(Boolean).join(", ")} text={JSON.stringify(fields, null, 2)} />
      )}
      {chunk ? (
        <Source title={titleOf(chunk)} text={pretty(chunk.data)} copied={chunk.data} />
      ) : (
        <p class="nbi-hint">{row.chunk === null ? "This event has no raw chunk." : NOT_KEPT}</p>
      )}
    </div>
  );
}

const NOT_KEPT = "Its raw chunk was not kept.";

function titleOf({ number, attempt, name, id, data, length }: InspectedChunk): string {
  const cut =
    length > data.length ? `the first ${grouped(data.length)} of ${grouped(length)} characters` : "";
  const parts = [
    `Raw chunk ${number}`,
    `response ${attempt}`,
    name && name !== "message" ? `event ${name}` : "",
    id ? `id ${id}` : "",
    cut,
  ];
  return parts.filter(Boolean).join(", ");
}

interface SourceProps {
  title: string;
  text: string;
  /** The text for Copy; the shown text by default. */
  copied?: string;
}

function Source({ title, text, copied = text }: SourceProps) {
  const done = useSignal(false);
  const copy = async () => {
    done.value = await copyText(copied, document);
    setTimeout(() => {
      done.value = false;
    }, 1500);
  };
  return (
    <figure class="nbi-source">
      <figcaption>
        <span>{visible(title)}</span>
        <button type="button" class="nbs-button nbi-button" onClick={copy}>
          {done.value ? "Copied" : "Copy"}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard. */}
      <pre tabIndex={0}>{visible(text)}</pre>
    </figure>
  );
}
