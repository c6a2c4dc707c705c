"use client";

export { StreamingChat } from "./chat";
export {
  type AnswerStatus,
  type AssistantMessage,
  ChatError,
  type ChatErrorDetails,
  type ChatErrorKind,
  type ChatMessage,
  type ChatOptions,
  type ChatSnapshot,
  type Usage,
  type UserMessage,
} from "./types";
export { type StreamingChatHook, useStreamingChat } from "./use-streaming-chat";
