import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REPLY_MIMETYPE } from "../core/protocol";
import { unpacked } from "./packing";
import { savedVersions } from "./saved";

const FILE = path.join(import.meta.dirname, "../../tests/fixtures/saved/replies.json");

interface Case {
  name: string;
  data: Record<string, unknown>;
  metadata: unknown;
  reply: unknown;
  provenance: unknown;
}

const CASES: Case[] = JSON.parse(readFileSync(FILE, "utf8"));

describe("a saved answer", () => {
  it.each(CASES)("is read as Python reads it: $name", ({ data, metadata, reply, provenance }) => {
    const read = unpacked(data[REPLY_MIMETYPE], metadata, data["text/markdown"]);
    expect(JSON.parse(JSON.stringify(read))).toEqual([reply, provenance]);
  });

  it("has its data, if the file has their JSON", () => {
    const { data, metadata } = CASES.find(({ name }) => name.startsWith("the tree")) as Case;
    const { versions } = savedVersions(data[REPLY_MIMETYPE], metadata, data["text/markdown"]);
    expect(versions[0]?.snapshot).toMatchObject({ json: '{"city": "Oslo",\n "weeks": [1]}', tree: true });
    const odd = savedVersions({ v: 2, json: [5, {}], tree: "x" }, metadata, "Hi").versions[0]?.snapshot;
    expect([odd?.text, odd?.json, odd?.tree]).toEqual(["Hi", undefined, undefined]);
  });

  it("has its versions, each with its text and where it comes from", () => {
    const { data, metadata } = CASES.find(({ name }) => name.startsWith("earlier versions")) as Case;
    const { versions, active } = savedVersions(data[REPLY_MIMETYPE], metadata, data["text/markdown"]);
    expect(active).toBe(3);
    expect(versions.map(({ number, snapshot }) => [number, snapshot.id, snapshot.meta.ttft])).toEqual([
      [0, "r0", 0],
      [1, "r1", 0.5],
      [2, "r2", 1],
      [3, "r3", 1.5],
    ]);
    expect(versions.map(({ snapshot }) => snapshot.text.includes("too long"))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(versions[2]?.snapshot).toMatchObject({
      text: "No.",
      meta: { model: "m-1", provider: null, usage: null },
    });
  });
});
