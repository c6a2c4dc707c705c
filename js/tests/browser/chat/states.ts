/** Every state of the chat that people and axe-core look at. */

import type { ChatSnapshot } from "../../../core/chat-protocol";
import { ANSWER } from "../widget/replies";
import type { Stage } from "../widget/stage";
import { answered, BROKEN, BUSY, CHAT_META, chat, EMPTY, TALK, TOOLS, turn } from "./chats";
import { picture, png } from "./pictures";
import { box, button, list } from "./stage";

export interface State {
  snapshot: ChatSnapshot;
  /** What the reader does first. */
  prepare?: (stage: Stage) => Promise<unknown>;
}

const MODELS = ["gpt-5", "gpt-5-mini", "llama-4-maverick", "qwen3-coder"];
const PICTURED = chat([turn("t6", "What is in this picture?", { images: [picture(320, 200)] })], {
  can_undo: true,
});
const LONG = chat([turn("t7", "Log:\n".repeat(60), { reply: answered("t7-1", ANSWER.repeat(12)) })]);

export const STATES: Record<string, State> = {
  empty: { snapshot: EMPTY },
  talk: { snapshot: TALK },
  busy: { snapshot: BUSY },
  broken: { snapshot: BROKEN },
  tools: { snapshot: TOOLS },
  images: { snapshot: PICTURED, prepare: attach },
  folded: { snapshot: LONG, prepare: scrollToTop },
  settings: { snapshot: TALK, prepare: (stage) => button(stage, "Settings").click() },
  editing: { snapshot: TALK, prepare: (stage) => button(stage, "Edit message").last().click() },
  models: {
    snapshot: { ...TALK, meta: { ...CHAT_META, models: MODELS } },
    prepare: (stage) => button(stage, "Model: gpt-5-mini").click(),
  },
};

async function attach(stage: Stage): Promise<void> {
  const buffer = png(64, 64);
  await stage.root
    .locator("input[type=file]")
    .setInputFiles({ name: "a.png", mimeType: "image/png", buffer });
  await box(stage).fill("And in this one?\nIt is the same place, a year later.");
}

async function scrollToTop(stage: Stage): Promise<void> {
  await list(stage).evaluate((element) => {
    element.scrollTop = 0;
  });
  await button(stage, "Jump to latest").waitFor();
}
