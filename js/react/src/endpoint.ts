/** The requests of a chat: their bodies, and the meaning of refusals. */

import { ChatError, type ChatErrorDetails, type ChatMessage, type ChatOptions } from "./types";

/** How much of an error page is read. */
const ERROR_CHARACTERS = 100_000;

/** One message of a request. */
interface Sent {
  role: "system" | "user" | "assistant";
  content: string;
}

/** The endpoint of a chat. */
export class Endpoint {
  readonly #options: ChatOptions;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  /** Whether answers have ids by which they can be resumed. */
  get isRelay(): boolean {
    return this.#protocol === "relay";
  }

  /** How often to reconnect. */
  get reconnects(): number {
    return this.isRelay ? (this.#options.reconnects ?? 5) : 0;
  }

  /** Requests an answer to the last message. Throws a `ChatError`. */
  ask(messages: readonly ChatMessage[], signal: AbortSignal): Promise<Response> {
    const body = JSON.stringify({ ...this.#body(messages.flatMap(sent)), ...this.#options.body });
    return this.#fetch(this.#options.url, { method: "POST", body, signal });
  }

  /** Requests the events after an id from a relay. Throws a `ChatError`. */
  resume(lastEventId: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(this.#address(lastEventId), { headers: { "last-event-id": lastEventId }, signal });
  }

  /** Tells a relay that the rest is not needed. Otherwise it would notice later. */
  async stop(lastEventId: string): Promise<void> {
    if (!this.isRelay || !lastEventId) return;
    await this.#fetch(this.#address(lastEventId), { method: "DELETE", keepalive: true }).catch(() => {});
  }

  get #protocol(): "relay" | "openai" {
    const { protocol, url } = this.#options;
    return protocol ?? (/\/completions\/?(?:[?#]|$)/.test(url) ? "openai" : "relay");
  }

  #body(messages: Sent[]): object {
    if (this.isRelay) return { message: messages.at(-1)?.content, conversation: messages.slice(0, -1) };
    const system = this.#options.system;
    const preface: Sent[] = system ? [{ role: "system", content: system }] : [];
    return { messages: [...preface, ...messages], stream: true, stream_options: { include_usage: true } };
  }

  /** The address of one answer: ids of events are "ANSWER:NUMBER". */
  #address(eventId: string): string {
    const [path = "", query] = this.#options.url.split("?");
    const answer = encodeURIComponent(eventId.slice(0, eventId.lastIndexOf(":")));
    return `${path.replace(/\/$/, "")}/${answer}${query ? `?${query}` : ""}`;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const response = await this.#send(url, { ...init, headers: await this.#headers(init) });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await (this.#options.fetch ?? fetch)(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ChatError("network", "The server could not be reached. Check the connection and try again.");
    }
  }

  async #headers(init: RequestInit): Promise<Headers> {
    const given = this.#options.headers;
    const headers = new Headers(typeof given === "function" ? await given() : given);
    if (init.body) headers.set("content-type", "application/json");
    new Headers(init.headers).forEach((value, name) => {
      headers.set(name, value);
    });
    return headers;
  }
}

/** Messages for the context: an interrupted answer and its question are left out. */
function sent(message: ChatMessage, place: number, messages: ChatMessage[]): Sent[] {
  const answer = message.role === "user" ? messages[place + 1] : message;
  const isContext = answer === undefined || (answer.role === "assistant" && isWhole(answer));
  return isContext ? [{ role: message.role, content: message.content }] : [];
}

function isWhole(answer: ChatMessage): boolean {
  return answer.role === "assistant" && answer.content !== "" && answer.status !== "interrupted";
}

async function refusal(response: Response): Promise<ChatError> {
  const body = (await response.text().catch(() => "")).slice(0, ERROR_CHARACTERS);
  const { message, code } = explanation(body);
  const details: ChatErrorDetails = { status: response.status };
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  if (retryAfter >= 0) details.retryAfter = retryAfter;
  if (code) details.code = code;
  const said = message || response.statusText || "no message";
  return new ChatError("http", `The server answered ${response.status}: ${said}`, details);
}

/** The message of an error's body, if it is JSON in the form of OpenAI's or FastAPI's errors. */
function explanation(body: string): { message?: string; code?: string } {
  try {
    const { error, detail } = JSON.parse(body);
    const { message = detail, code } = typeof error === "object" && error ? error : { message: error };
    return { ...(typeof message === "string" && { message }), ...(typeof code === "string" && { code }) };
  } catch {
    return {};
  }
}
