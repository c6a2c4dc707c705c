import { useLayoutEffect, useRef } from "react";
import type { AssistantMessage, ChatMessage } from "../src";
import { Markdown } from "./Markdown";

const NEAR_THE_END = 40;

/**
 * The conversation. It sticks to the end while the user is there, and stays in place while they read above.
 */
export function Messages({ messages }: { messages: readonly ChatMessage[] }) {
  const list = useRef<HTMLElement>(null);
  const isPinned = useRef(true);

  const notePosition = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = list.current ?? {};
    isPinned.current = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  };
  useLayoutEffect(() => {
    if (isPinned.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  });

  return (
    <main ref={list} onScroll={notePosition} className="messages">
      {messages.map((message) =>
        message.role === "user" ? (
          <article key={message.id} className="question" aria-label="You">
            {message.content}
          </article>
        ) : (
          <AnswerArticle key={message.id} answer={message} />
        ),
      )}
    </main>
  );
}

function AnswerArticle({ answer }: { answer: AssistantMessage }) {
  const isStreaming = answer.status === "streaming";
  return (
    <article className="answer" aria-label="Answer" aria-busy={isStreaming} data-status={answer.status}>
      {isStreaming && answer.content === "" && <span className="waiting">Thinking…</span>}
      <Markdown text={answer.content} isComplete={!isStreaming} />
      {answer.status === "stopped" && <p className="note">Stopped.</p>}
      {answer.status === "interrupted" && <p className="note">This answer is not complete.</p>}
    </article>
  );
}
