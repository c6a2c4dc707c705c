/**
 * The anywidget module of the chat: one conversation with Python, shown in any number of views.
 *
 * The default export is a factory, called once per model, so that all views of a model share one state and
 * models share nothing. What a reader has typed and not sent belongs to the view.
 */

import { LiveChat } from "./live-chat";
import type { ChatModel } from "./model";

export default () => {
  let chat: LiveChat | undefined;
  return {
    initialize({ model }: { model: ChatModel }): void {
      chat = new LiveChat(model);
    },
    render({ el }: { el: HTMLElement }): (() => void) | undefined {
      return chat?.show(el);
    },
  };
};
