/** The chat as a React hook. */

import { useEffect, useState, useSyncExternalStore } from "react";
import { StreamingChat } from "./chat";
import type { ChatOptions, ChatSnapshot } from "./types";

export interface StreamingChatHook extends ChatSnapshot {
  /**
   * Sends a message. An answer that is still streaming is stopped. Settles when the answer has ended, and
   * never fails.
   */
  sendMessage: (content: string) => Promise<void>;
  /** Stops the answer and keeps the received text. */
  stop: () => void;
  /** Sends the last question again, and replaces its answer. */
  regenerate: () => Promise<void>;
}

/**
 * Streams answers of a language model, with at most one render per animation frame. When the component
 * unmounts, its answer stops.
 *
 * The functions stay the same from render to render. Options may change; the next answer uses them.
 */
export function useStreamingChat(options: ChatOptions): StreamingChatHook {
  const [chat] = useState(() => new StreamingChat(options));
  const snapshot = useSyncExternalStore(chat.subscribe, chat.getSnapshot, chat.getSnapshot);
  useEffect(() => chat.configure(options));
  useEffect(() => chat.stop, [chat]);
  return { ...snapshot, sendMessage: chat.sendMessage, stop: chat.stop, regenerate: chat.regenerate };
}
