/** Chats in a real page, with the side of Python in the hands of the test. */

import { expect } from "vitest";
import type { ChatCommand, ChatSnapshot } from "../../../core/chat-protocol";
import type { Stage } from "../widget/stage";
import { type Open, stages } from "../widget/stages";

/** Gives what opens a chat in a page of its own. */
export function chatStages(): Open<ChatSnapshot> {
  return stages({ bundle: "chat" });
}

/** The box in which messages are written. */
export function box(stage: Stage) {
  return stage.root.getByRole("textbox", { name: "Message", exact: true });
}

export function button(stage: Stage, name: string) {
  return stage.root.getByRole("button", { name, exact: true });
}

export function list(stage: Stage) {
  return stage.root.getByRole("region", { name: "Conversation" });
}

/** The last command of that kind, once it was sent. */
export async function command<Kind extends ChatCommand["t"]>(
  stage: Stage,
  kind: Kind,
): Promise<Extract<ChatCommand, { t: Kind }>> {
  await expect.poll(() => stage.sent()).toContain(kind);
  const sent = (await stage.commands()).filter(({ t }) => t === kind);
  return sent.at(-1) as Extract<ChatCommand, { t: Kind }>;
}

/** Python takes the last command of that kind. */
export async function acknowledge(stage: Stage, kind: ChatCommand["t"]): Promise<void> {
  await stage.receive({ t: "ack", of: kind, n: await numberOf(stage, kind) });
}

export async function refuse(stage: Stage, kind: ChatCommand["t"], message: string): Promise<void> {
  await stage.receive({ t: "refused", of: kind, n: await numberOf(stage, kind), message });
}

async function numberOf(stage: Stage, kind: ChatCommand["t"]): Promise<number> {
  const sent = await command(stage, kind);
  return "n" in sent ? sent.n : 0;
}
