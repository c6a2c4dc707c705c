/** Chats in a real page, with the side of Python in the hands of the test. */

import { expect } from "vitest";
import type { ChatRequest, ChatSnapshot } from "../../../core/chat-protocol";
import type { CommandMessage } from "../../../core/commands";
import type { Stage } from "../widget/stage";
import { type Open, stages } from "../widget/stages";

/** Returns a function that opens a chat in a new page. */
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

/** The last command of that name, once it was sent. */
export async function command<Name extends ChatRequest["name"]>(
  stage: Stage,
  name: Name,
): Promise<Extract<ChatRequest, { name: Name }> & CommandMessage> {
  await expect.poll(() => stage.sent()).toContain(name);
  const sent = (await stage.commands()).filter((message) => message.name === name).at(-1);
  return sent as Extract<ChatRequest, { name: Name }> & CommandMessage;
}

/** The kernel takes the last command of that name. */
export function acknowledge(stage: Stage, name: ChatRequest["name"]): Promise<void> {
  return stage.answer(name);
}

export function refuse(stage: Stage, name: ChatRequest["name"], message: string): Promise<void> {
  return stage.refuse(name, message);
}
