import { describe, expect, it } from "vitest";
import { imageTarget, inlineImage, linkTarget, showsHost } from "./urls";

describe("linkTarget", () => {
  it.each([
    ["https://example.com/a?b#c", "https://example.com/a?b#c", "example.com"],
    ["HTTP://EXAMPLE.com:8080", "http://example.com:8080/", "example.com:8080"],
    ["mailto:someone@example.com?subject=hi", "mailto:someone@example.com?subject=hi", "someone@example.com"],
    ["https://b\u00fccher.example/", "https://xn--bcher-kva.example/", "xn--bcher-kva.example"],
    ["https://example.com/a b", "https://example.com/a%20b", "example.com"],
    [" ht\ttps://exa\u202emple.com", "https://example.com/", "example.com"],
  ])("takes %j", (raw, href, host) => {
    expect(linkTarget(raw)).toEqual({ href, host });
  });

  it.each([
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "java script:alert(1)",
    "ht tps://example.com",
    "https://exa mple.com",
    "\u0001javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "blob:https://example.com/x",
    "ftp://example.com",
    "//example.com",
    "/path",
    "path",
    "#fragment",
    "?query",
    "",
    "https:example.com",
    "https:/example.com",
    "https:\\\\example.com",
    "https://",
    "https://user@example.com",
    "https://good.example:secret@evil.example",
    "mailto:",
    "mailto://x",
  ])("refuses %j", (raw) => {
    expect(linkTarget(raw)).toBeNull();
  });
});

describe("images", () => {
  it("are on the web or contained in the answer", () => {
    expect(imageTarget("https://example.com/i.png")?.host).toBe("example.com");
    expect(imageTarget("mailto:someone@example.com")).toBeNull();
    expect(inlineImage("data:image/png;base64,iVBORw0KGgo=")).toBe("data:image/png;base64,iVBORw0KGgo=");
  });

  it.each([
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/svg+xml,<svg/>",
    "data:text/html;base64,PHN2Zz4=",
    "data:image/png,<svg/>",
  ])("%j is not shown", (raw) => {
    expect(inlineImage(raw)).toBeNull();
  });
});

describe("showsHost", () => {
  it.each(["example.com", "https://example.com/x", " HTTP://Example.com ", "example.com/path?q"])(
    "%j does",
    (text) => {
      expect(showsHost(text, "example.com")).toBe(true);
    },
  );

  it.each([
    "the docs",
    "example.com.evil.net",
    "https://example.community",
    "good.com example.com",
    "https://example.com@evil.net",
  ])("%j does not", (text) => {
    expect(showsHost(text, "example.com")).toBe(false);
  });
});
