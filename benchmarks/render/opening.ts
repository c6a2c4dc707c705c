/** A chat of 50 messages, opened as anywidget opens it. */
import type { ChatSnapshot, TurnSnapshot } from "../../js/core/chat-protocol";
import { EMPTY_CHAT } from "../../js/core/chat-store";
import { EMPTY_SNAPSHOT } from "../../js/core/store";
import { paint } from "./drawings";

const TURNS = 25;
const ANSWER =
  "Here is a **short** answer with `code` and a [link](https://example.com).\n\n- one\n- two\n\nAnd a last " +
  "paragraph of plain words to read.";

/** Evaluates the module, and draws the chat; resolves when it is painted. */
export async function open(esm: string, css: string): Promise<void> {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const { default: create } = await import(url);
  const widget = create();
  const traits: Record<string, unknown> = { snapshot: snapshot(), height: 480, kernel_id: "" };
  const model = { get: (name: string) => traits[name], send() {}, on() {} };
  widget.initialize({ model });
  const el = document.createElement("div");
  document.body.append(el);
  widget.render({ model, el });
  await paint(() => {});
  await paint(() => {});
}

function snapshot(): ChatSnapshot {
  return { ...EMPTY_CHAT, turns: Array.from({ length: TURNS }, (_, index) => turn(index)) };
}

function turn(index: number): TurnSnapshot {
  const reply = { ...EMPTY_SNAPSHOT, id: `reply-${index}`, status: "finished" as const, text: ANSWER };
  const head = { id: `turn-${index}`, text: `Question number ${index}`, images: [], stale: false };
  return { ...head, version: 0, versions: 1, reply, tools: [] };
}
