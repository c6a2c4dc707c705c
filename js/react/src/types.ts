/** What an application sees of a chat. */

/** Tokens that an answer took, as the server counted them; null where it did not say. */
export interface Usage {
  input: number | null;
  output: number | null;
  total: number | null;
  cached: number | null;
  reasoning: number | null;
}

/**
 * How an answer stands. `"interrupted"`: the connection broke, or the model failed, before the answer was
 * whole. What has arrived is kept in every case.
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
  /** Word by which the server names the error, e.g. "rate_limit". */
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

/** Everything that is shown of a chat, all of one moment. */
export interface ChatSnapshot {
  /** Text of the last answer, so far. */
  response: string;
  /** Reasoning of the model before its answer, where it shows any. */
  reasoning: string;
  isStreaming: boolean;
  /** Why the last answer failed; null while all is well. A stop is no error. */
  error: ChatError | null;
  messages: readonly ChatMessage[];
  /** Why the model ended the last answer, e.g. "stop" or "length" (cut by the limit of tokens). */
  finishReason: string | null;
  usage: Usage | null;
  /** How many chunks of the last answer could not be read and were passed over. */
  skipped: number;
}

export interface ChatOptions {
  /** Where to ask: the `/chat` of a relay, or a `…/chat/completions`. */
  url: string;
  /**
   * What speaks there; by default told from the URL. An answer of a relay is resumed where the connection
   * breaks, one of a plain endpoint is not: its protocol has no way to.
   */
  protocol?: "relay" | "openai";
  /** Headers of every request, or a function that gives them, e.g. for a token that changes. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** Further fields of the body, e.g. `{ model: "llama-3.1-8b" }`, which a plain endpoint needs. */
  body?: Record<string, unknown>;
  /** System message for a plain endpoint; a relay has its own. */
  system?: string;
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch;
  /** How often to reconnect to a relay before the answer counts as interrupted; 5. */
  reconnects?: number;
  /** Called with the error when an answer has failed. */
  onError?: (error: ChatError) => void;
}
