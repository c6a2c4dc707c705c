/** Unpacks a chat from its form in a notebook file: `nbstream/chat_widget/packing.py`. */

import { type Fields, isRecord, record } from "../fields";
import { PACKED, unpackedReply, unpackedRun } from "../packing";
import { LineReader, multiline } from "../text-lines";

/** A conversation in the form of version 1, which does not refer to the Markdown of the output. */
export interface WholeChat {
  data: Fields;
  provenance: Fields;
}

/**
 * @param data the output's value for `CHAT_MIMETYPE`
 * @param provenance the output's metadata under `nbstream`
 * @param markdown the output's Markdown text, which contains most lines of the messages
 */
export function unpackedChat(data: unknown, provenance: unknown, markdown: unknown): WholeChat {
  const chat = record(data);
  const about = record(provenance);
  if (chat.v !== PACKED || !Array.isArray(chat.messages)) return { data: chat, provenance: about };
  const reader = new LineReader(multiline(markdown));
  const messages = chat.messages.map((message) => unpackedMessage(message, reader));
  const answers = Array.isArray(about.answers) ? about.answers : [];
  const whole = answers.map((answer) => (typeof answer === "string" ? unpackedRun(answer) : answer));
  return { data: { ...chat, v: 1, messages }, provenance: { ...about, answers: whole } };
}

function unpackedMessage(message: unknown, reader: LineReader): unknown {
  if (!isRecord(message)) return message;
  const { content } = message;
  const own = record(message.nbstream);
  return {
    ...message,
    ...((Array.isArray(content) || typeof content === "number") && {
      content:
        Array.isArray(content) && content.some(isRecord) ? content.map(wholePart) : reader.read(content),
    }),
    ...(isRecord(own.reply) && { nbstream: { ...own, reply: withoutText(own.reply) } }),
  };
}

function withoutText(reply: Fields): Fields {
  const { text: _, ...rest } = unpackedReply(reply, "");
  return rest;
}

function wholePart(part: unknown): unknown {
  const own = record(part);
  return Array.isArray(own.text) ? { ...own, text: new LineReader("").read(own.text) } : part;
}
