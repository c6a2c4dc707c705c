import { describe, expect, it } from "vitest";
import { firstLineOf, optionIn, textOf } from "./first-line";
import { promptOf } from "./prompt";

/** Kinds and texts of the words of a first line. */
function words(source: string): string[] {
  const line = firstLineOf(source);
  return (line?.words ?? []).map(({ kind, from, to }) => `${kind} ${source.slice(from, to)}`);
}

describe("the first line", () => {
  it.each<[string, string[]]>([
    ["%%chat", []],
    ["%%chat -m demo\nHi -t", ["option -m", "value demo"]],
    ["\n %%nbchat --model=demo -t 0.5", ["option --model", "value demo", "option -t", "number 0.5"]],
    ["%%chat -mdemo -t -1", ["option -m", "value demo", "option -t", "number -1"]],
    ['%%chat -s "Be -t \\" terse" -b', ["option -s", 'string "Be -t \\" terse"', "option -b"]],
    ["%%chat -s 'it # is' # a -m b", ["option -s", "string 'it # is'", "comment # a -m b"]],
    ["%%chat -s 'not closed -m b\nHi", ["option -s", "string 'not closed -m b"]],
    ["%%chat -m {which} -p seed=$n", ["option -m", "variable {which}", "option -p", "value seed=$n"]],
    ["%%chat -m $which", ["option -m", "variable $which"]],
    ["%%chat -m demo \\\n  -t 2\nHi", ["option -m", "value demo", "option -t", "number 2"]],
    ["%%chat \\", []],
    ["%%chatty -m x", []],
    ["x\n%%chat -m x", []],
  ])("%j has the words %j", (source, expected) => {
    expect(words(source)).toEqual(expected);
  });

  it.each<[string, string | null]>([
    ["%%chat -m demo", "demo"],
    ["%%chat --model='a b' --model c\\ d", "c d"],
    ['%%chat -m "a \\"b\\""', 'a "b"'],
    ["%%chat --alone", null],
    ["%%chat -m --alone", null],
    ["%%chat -m", null],
    ["%%chat\n-m demo", null],
  ])("%j names the model %j", (source, expected) => {
    const line = firstLineOf(source);
    const found = line && optionIn(source, line, ["-m", "--model"]);
    expect(found ? textOf(source, found) : null).toBe(expected);
  });
});

describe("the expressions of a prompt", () => {
  const sources = (source: string) => promptOf(source).expressions.map((found) => found.source);

  it.each<[string, string[]]>([
    ["%%chat\nDear {{ name }}, {{x|upper}}{{ y }}", [" name ", "x|upper", " y "]],
    ["%%chat -s '{{ no }}'\n{{ yes }}", [" yes "]],
    ["%%chat\n{{ df\n.head() }}", [" df\n.head() "]],
    ["%%chat\n{{ {'a': {'b': x}}['}}'] }} {{ y }}", [" {'a': {'b': x}}['}}'] ", " y "]],
    ["%%chat\n{{ don't }} and {{ x }}", [" don't ", " x "]],
    ["%%chat\nopen {{ x", []],
    ["%%chat\nopen {{ x {{ y }}", [" y "]],
    ["%%chat --raw\n{{ x }}", []],
    ["x = '{{ y }}'", []],
  ])("%j has %j", (source, expected) => {
    expect(sources(source)).toEqual(expected);
  });

  it("are where they stand in the cell, and know the table of --over", () => {
    const source = "%%chat --over df\nA {{ city }}.";
    const { table, expressions } = promptOf(source);
    expect(table).toBe("df");
    expect(expressions.map(({ from, to }) => source.slice(from, to))).toEqual(["{{ city }}"]);
  });

  it("that never close cost little", () => {
    expect(sources(`%%chat\n${"{{ x ".repeat(20_000)}`)).toEqual([]);
  });
});
