/** The part of an output that shows the chat saved in the notebook. */

import type { MimeModel } from "@jupyterlab/rendermime";
import { Widget } from "@lumino/widgets";
import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import type { CellAround } from "../cells";
import { mountText } from "../MarkdownText";
import { isNewer, NEWER } from "../newer";
import { PACKED } from "../packing";
import { multiline } from "../text-lines";
import { mountSavedChat } from "./SavedChatView";
import { transcriptOf } from "./saved-chat";
import { SavedChatSession } from "./session";
import { unpackedChat } from "./unpacking";

export class SavedChatWidget extends Widget {
  readonly #session = new SavedChatSession();
  #unmount: (() => void) | null = null;

  constructor() {
    super();
    this.addClass("nbs-saved-chat");
  }

  /** Shows the chat in an output. */
  draw({ data, metadata }: MimeModel): void {
    if (isNewer(data[CHAT_MIMETYPE], PACKED)) {
      this.show();
      this.#unmount = mountText(this.node, multiline(data["text/markdown"]), NEWER);
      return;
    }
    const chat = unpackedChat(data[CHAT_MIMETYPE], metadata.nbstream, data["text/markdown"]);
    this.#session.load(transcriptOf(chat));
    this.show();
    this.#unmount ??= mountSavedChat(this.node, this.#session);
  }

  /** The cell that the view offers to run; null if it cannot be run. */
  offerRun(cell: CellAround | null): void {
    this.#session.setCell(cell);
  }

  /** Removes the chat from the page until it is drawn again. */
  clear(): void {
    this.#unmount?.();
    this.#unmount = null;
    this.hide();
  }

  override dispose(): void {
    this.#unmount?.();
    super.dispose();
  }
}
