/** The public types of a chat. */

/** Token counts of an answer, as reported by the server; null if not reported. */
export interface Usage {
  input: number | null;
  output: number | null;
  total: number | null;
  cached: number | null;
  reasoning: number | null;
}

/**
 * Status of an answer. `"interrupted"`: the connection broke, or the model failed, before the answer was
 * complete. The received text is always kept.
 */
export type AnswerStatus = "streaming" | "complete" | "stopped" | "interrupted";

export interface UserMessage {
  id: number;
  role: "user";
  content: string;
}

export interface AssistantMessage {
  id: number;
  role: "assistant";
  content: string;
  status: AnswerStatus;
}

export type ChatMessage = UserMessage | AssistantMessage;

/**
 * - `"network"`: the server was not reached.
 * - `"http"`: the server refused; `status` says how.
 * - `"protocol"`: the response is not a stream of chat-completion chunks.
 * - `"provider"`: the model reported an error inside the stream.
 * - `"truncated"`: the stream ended before the answer was whole.
 */
export type ChatErrorKind = "network" | "http" | "protocol" | "provider" | "truncated";

export interface ChatErrorDetails {
  /** HTTP status, where the server refused. */
  status?: number;
  /** Seconds after which the server said to try again. */
  retryAfter?: number;
  /** The server's code of the error, for example "rate_limit". */
  code?: string;
}

/** Why there is no answer, or not all of it. The message can be shown to the user. */
export class ChatError extends Error {
  override readonly name = "ChatError";

  constructor(
    readonly kind: ChatErrorKind,
    message: string,
    readonly details: ChatErrorDetails = {},
  ) {
    super(message);
  }
}

/** A consistent snapshot of a chat. */
export interface ChatSnapshot {
  /** Text of the last answer, so far. */
  response: string;
  /** Reasoning of the model before its answer, if there is any. */
  reasoning: string;
  isStreaming: boolean;
  /** Why the last answer failed; null if it did not. A stop is not an error. */
  error: ChatError | null;
  messages: readonly ChatMessage[];
  /** Why the model ended the last answer, e.g. "stop" or "length" (cut by the limit of tokens). */
  finishReason: string | null;
  usage: Usage | null;
  /** Number of unreadable chunks of the last answer, which were skipped. */
  skipped: number;
}

export interface ChatOptions {
  /** Where to ask: the `/chat` of a relay, or a `…/chat/completions`. */
  url: string;
  /**
   * The kind of server; detected from the URL by default. An answer of a relay is resumed after a broken
   * connection; a plain endpoint does not support that.
   */
  protocol?: "relay" | "openai";
  /** Headers of every request, or a function that returns them, for example for a token that changes. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** Further fields of the body, for example `{ model: "llama-3.1-8b" }`, which a plain endpoint needs. */
  body?: Record<string, unknown>;
  /** System message for a plain endpoint; a relay has its own. */
  system?: string;
  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch;
  /** How often to reconnect to a relay before the answer is interrupted; 5 by default. */
  reconnects?: number;
  /** Called with the error when an answer has failed. */
  onError?: (error: ChatError) => void;
}
