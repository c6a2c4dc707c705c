import { type KeyboardEvent, useState } from "react";

export interface ComposerProps {
  isStreaming: boolean;
  onSend: (message: string) => void;
  onStop: () => void;
}

/** The input box. Enter sends, Shift+Enter is a new line, Escape stops the answer. */
export function Composer({ isStreaming, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState("");
  const isEmpty = text.trim() === "";

  const send = () => {
    if (isEmpty || isStreaming) return;
    setText("");
    onSend(text);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape") onStop();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <div className="composer">
      <textarea
        aria-label="Message"
        placeholder="Write a message"
        rows={Math.min(text.split("\n").length, 8)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
      />
      {isStreaming ? (
        <button type="button" onClick={onStop}>
          Stop
        </button>
      ) : (
        <button type="button" onClick={send} disabled={isEmpty}>
          Send
        </button>
      )}
    </div>
  );
}
