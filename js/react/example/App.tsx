import { useState } from "react";
import { type ChatError, useStreamingChat } from "../src";
import { Composer } from "./Composer";
import { Messages } from "./Messages";
import { useTheme } from "./use-theme";

/** The page that `nbstream serve --ui` shows: a chat with the prototype that is served. */
export function App() {
  const theme = useTheme();
  const [token, setToken] = useState("");
  const headers: HeadersInit = token ? { authorization: `Bearer ${token}` } : {};
  const chat = useStreamingChat({ url: "./chat", headers });

  return (
    <div className="app nbstream" data-theme={theme}>
      <header>
        <h1>nbstream</h1>
        <p>A prototype from a notebook</p>
      </header>
      <Messages messages={chat.messages} />
      <footer>
        {chat.error && <Problem error={chat.error} onToken={setToken} onRetry={chat.regenerate} />}
        {!chat.error && !chat.isStreaming && chat.messages.length > 0 && (
          <button type="button" className="quiet" onClick={chat.regenerate}>
            Answer again
          </button>
        )}
        <Composer isStreaming={chat.isStreaming} onSend={chat.sendMessage} onStop={chat.stop} />
      </footer>
    </div>
  );
}

interface ProblemProps {
  error: ChatError;
  onToken: (token: string) => void;
  onRetry: () => void;
}

/** The error, and what to do. If the token is missing, it can be entered; only this page stores it. */
function Problem({ error, onToken, onRetry }: ProblemProps) {
  const needsToken = error.details.status === 401;
  return (
    <div role="alert" className="problem">
      <span>{needsToken ? "This relay requires a token." : error.message}</span>
      {needsToken && (
        <input
          type="password"
          aria-label="Token"
          placeholder="Token"
          autoComplete="off"
          onChange={(event) => onToken(event.target.value.trim())}
        />
      )}
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
