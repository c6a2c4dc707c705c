import { expect, it } from "vitest";
import { partsOf } from "./UserText";

const kinds = (text: string) => partsOf(text).map((part) => [part.fenced ? "code" : "words", part.text]);

it("leaves words as they are", () => {
  expect(kinds("a `b` **c**\n\n  d")).toEqual([["words", "a `b` **c**\n\n  d"]]);
  expect(kinds("")).toEqual([]);
});

it("finds fenced blocks between the words", () => {
  expect(kinds("Look:\n```py\nx = 1\n```\n\nand\n~~~\n```\n~~~")).toEqual([
    ["words", "Look:"],
    ["code", "```py\nx = 1\n```"],
    ["words", "and"],
    ["code", "~~~\n```\n~~~"],
  ]);
});

it("takes an empty block, and a closing fence that is longer", () => {
  expect(kinds("```\n```")).toEqual([["code", "```\n```"]]);
  expect(kinds("```\nx\n`````")).toEqual([["code", "```\nx\n`````"]]);
});

it("takes a fence that is not closed for words", () => {
  expect(kinds("```py\nx = 1")).toEqual([["words", "```py\nx = 1"]]);
});
