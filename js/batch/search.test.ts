import { expect, it } from "vitest";
import { RowSearch, type SearchRows } from "./search";

interface Asked {
  text: string;
  where: { from: number } | { rows: number[] };
  answer(found: number[], next: number | null): Promise<void>;
}

function open() {
  const asked: Asked[] = [];
  const ask: SearchRows = (text, where) =>
    new Promise((resolve) => {
      const answer = async (found: number[], next: number | null) => {
        resolve({ found, next });
        for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
      };
      asked.push({ text, where, answer });
    });
  const search = new RowSearch(ask);
  return { search, asked, hits: () => [...(search.hits.value?.rows ?? [])] };
}

it("continues where the kernel has stopped, and shows what is found so far", async () => {
  const { search, asked, hits } = open();
  void search.begin(" oslo ", 4);
  await asked[0]?.answer([1], 2);
  expect([hits(), search.hits.value?.done]).toEqual([[0, 1, 0, 0], false]);
  expect(asked[1]).toMatchObject({ text: "oslo", where: { from: 2 } });
  await asked[1]?.answer([3], null);
  expect([hits(), search.hits.value?.done]).toEqual([[0, 1, 0, 1], true]);
});

it("another text ends the search before", async () => {
  const { search, asked, hits } = open();
  void search.begin("a", 4);
  void search.begin("b", 4);
  await asked[0]?.answer([0], 2);
  await asked[1]?.answer([1], null);
  expect([asked.length, hits()]).toEqual([2, [0, 1, 0, 0]]);
  void search.begin("", 4);
  expect(search.hits.value).toBeNull();
});

it("rows that have changed are searched again", async () => {
  const { search, asked, hits } = open();
  void search.again([1]);
  expect(asked).toEqual([]);
  void search.begin("a", 3);
  await asked[0]?.answer([1], null);
  void search.again([1, 2]);
  await asked[1]?.answer([2], null);
  expect([hits(), search.hits.value?.done]).toEqual([[0, 0, 1], true]);
});
