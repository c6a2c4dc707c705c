import { describe, expect, it } from "vitest";
import { optionChange, valueIn } from "./options";

const MODEL = ["-m", "--model"];

function changed(source: string, value: string | null): string {
  const change = optionChange(source, MODEL, value);
  return change ? source.slice(0, change.from) + change.insert + source.slice(change.to) : source;
}

describe("a changed option", () => {
  it.each<[string, string | null, string]>([
    ["%%chat\nHi -m x", "demo", "%%chat -m demo\nHi -m x"],
    ["%%chat -t 1 # why\nHi", "demo", "%%chat -m demo -t 1 # why\nHi"],
    ["%%chat -m a -t 1\nHi", "demo:b", "%%chat -m demo:b -t 1\nHi"],
    ["%%chat --model=a", "demo", "%%chat --model=demo"],
    ["%%chat -ma", "demo", "%%chat -mdemo"],
    ["%%chat -m {which} -t 1", "demo", "%%chat -m demo -t 1"],
    ["%%chat -m a -m b", "demo", "%%chat -m a -m demo"],
    ["%%chat -m", "demo", "%%chat -m demo"],
    ["%%chat -m --alone", "demo", "%%chat -m demo --alone"],
    ["%%chat -t 1 \\\n  -m a\nHi", "demo", "%%chat -t 1 \\\n  -m demo\nHi"],
    ["%%chat -t 1 -m a -b\nHi", null, "%%chat -t 1 -b\nHi"],
    ["%%chat --model=a\nHi", null, "%%chat\nHi"],
    ["%%chat -m\nHi", null, "%%chat\nHi"],
    ["%%chat\nHi", null, "%%chat\nHi"],
    ["%%chat -m demo\nHi", "demo", "%%chat -m demo\nHi"],
    ["x = 1", "demo", "x = 1"],
  ])("of %j to %j is %j", (source, value, expected) => {
    expect(changed(source, value)).toBe(expected);
  });

  it.each(["a b", 'say "hi" \\ there', "it's", "#1", "{name}", "$name", "-x", ""])(
    "is read as %j again",
    (value) => {
      expect(valueIn(changed("%%chat -t 1\nHi", value), MODEL)).toBe(value);
    },
  );
});
