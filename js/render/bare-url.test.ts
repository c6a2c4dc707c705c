import { expect, it } from "vitest";
import { bareUrlAt } from "./bare-url";

it.each([
  ["https://example.com", "https://example.com"],
  ["https://example.com/a_b(c)?d=e#f and", "https://example.com/a_b(c)?d=e#f"],
  ["https://example.com).", "https://example.com"],
  ["https://example.com/a.", "https://example.com/a"],
  ["https://example.com/**", "https://example.com/"],
  ["http://localhost:8888/lab<br>", "http://localhost:8888/lab"],
  ["https://example.com/\u202egnp.exe", "https://example.com/"],
])("%j begins with %j", (text, url) => {
  expect(bareUrlAt(text)).toEqual({ url });
});

it.each(["https://", "https://.", "https:///x", "ftp://example.com", "javascript://example.com/%0aalert(1)"])(
  "%j does not begin with a URL",
  (text) => {
    expect(bareUrlAt(text)).toBeNull();
  },
);
