import { describe, expect, it } from "vitest";
import { retryWords, waitWords } from "./Waiting";

describe("waiting", () => {
  it("counts", () => expect(waitWords("m", 3)).toBe("Waiting for m · 3 s"));
  it("says what is loading", () => {
    expect(waitWords("m", 12, "SmolLM2 135M")).toBe("Loading SmolLM2 135M on this machine · 12 s");
  });
  it("says so in words after ten seconds", () => {
    expect(waitWords("m", 10)).toBe("Still waiting for m: no response for 10 s");
  });
});

describe("retrying", () => {
  const retrying = { attempt: 2, attempts: 3, wait: 2.5, reason: "Server busy (429)." };
  it.each([
    [0, "Server busy (429). Trying again in 3 s (2 of 3)"],
    [1.6, "Server busy (429). Trying again in 1 s (2 of 3)"],
    [2.5, "Server busy (429). Trying again now (2 of 3)"],
    [60, "Server busy (429). Trying again now (2 of 3)"],
  ])("after %d s", (age, words) => expect(retryWords(retrying, age)).toBe(words));
});
