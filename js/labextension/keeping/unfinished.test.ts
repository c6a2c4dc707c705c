import { describe, expect, it } from "vitest";
import { REPLY_MIMETYPE } from "../../core/protocol";
import { EMPTY_SNAPSHOT, INTERRUPTED, ReplyStore, UNFINISHED } from "../../core/store";
import { savedSnapshot } from "../saved";
import { unfinishedData, unfinishedMetadata } from "./unfinished";

const NOTHING = { lines: [], covers: 0 };

function streaming(text: string) {
  return { ...EMPTY_SNAPSHOT, id: "r", status: "streaming" as const, text };
}

describe("the Markdown of an answer that still streams", () => {
  it("is what Python has made inert, and the rest as code", () => {
    const inert = { lines: ["# One", "", "&lt;b>two", ""], covers: 4 };
    const text = "# One\r\n\n<b>two\n\nthree <script>\nfour";
    expect(unfinishedData(streaming(text), inert)["text/markdown"]).toBe(
      `# One\n\n&lt;b>two\n\n\`\`\`markdown\nthree <script>\nfour\n\`\`\`\n\n*${UNFINISHED}*`,
    );
  });

  it.each(["```\ncode\n```", "a ````` b", "~~~\n```"])("cannot leave its block of code: %j", (text) => {
    const shown = String(unfinishedData(streaming(text), NOTHING)["text/markdown"]);
    const fence = shown.slice(0, shown.indexOf("markdown"));
    expect(text).not.toContain(fence);
    expect(shown.split(fence)).toHaveLength(3);
  });

  it("is a remark alone before the first word", () => {
    const data = unfinishedData(streaming(""), NOTHING);
    expect([data["text/markdown"], data["text/plain"]]).toEqual([`*${UNFINISHED}*`, `[${UNFINISHED}]`]);
  });
});

it("keeps a long text in the Markdown alone, as Python does", () => {
  const data = unfinishedData(streaming(`First line\n${"more words ".repeat(200)}`), NOTHING);
  expect(data["text/plain"]).toBe(
    `First line […]\n\n[The whole text is in the Markdown form of this output.]\n\n[${UNFINISHED}]`,
  );
});

it("is read back as it was, and marked", () => {
  const saved = savedSnapshot(unfinishedData(streaming("half"), NOTHING)[REPLY_MIMETYPE], {});
  expect([saved.text, saved.status, saved.meta.notices[0]?.text]).toEqual(["half", "stopped", UNFINISHED]);
});

it("keeps the JSON of data, but nothing that is still open", () => {
  const tree = { ...streaming("- **a**: 1"), json: '{"a": 1, "b": 2', open: "- **b**: 2…", tree: true };
  const data = unfinishedData(tree, { lines: ["- **a**: 1"], covers: 1 });
  expect(data["text/markdown"]).toBe(`- **a**: 1\n\n*${UNFINISHED}*`);
  const saved = savedSnapshot(data[REPLY_MIMETYPE], {});
  expect([saved.json, saved.open, saved.tree]).toEqual(['{"a": 1, "b": 2', undefined, true]);
});

it("says that the kernel has ended, and goes on should it come back", () => {
  const store = new ReplyStore(streaming("half"));
  store.interrupt();
  const data = unfinishedData(store.snapshot(), NOTHING);
  expect(data["text/plain"]).toBe(`half\n\n[${INTERRUPTED}]`);
  expect(savedSnapshot(data[REPLY_MIMETYPE], {}).meta.notices).toEqual([
    { kind: "interrupted", text: INTERRUPTED },
  ]);
  store.applyFrame({ t: "frame", seq: 1, status: "streaming", text: [4, " more"] });
  expect([store.status.value, store.text.value]).toEqual(["streaming", "half more"]);
});

it("adds to the metadata what has become known, and keeps the rest", () => {
  const meta = { ...EMPTY_SNAPSHOT.meta, model: "m-2026", provider: "p", host: "h" };
  const reply = { v: 2, status: "streaming" };
  const run = JSON.stringify({ id: "r", version: 1, versions: [[0, {}]] });
  const output = {
    data: { [REPLY_MIMETYPE]: reply, "text/markdown": "shared" },
    metadata: { nbstream: { model: "m", run, versions: { 0: { v: 2, status: "failed" } } }, tags: ["x"] },
  };
  const { nbstream, tags } = unfinishedMetadata({ ...streaming(""), meta }, output);
  expect([nbstream, tags]).toMatchObject([{ id: "r", model: "m-2026", provider: "p", host: "h" }, ["x"]]);
  expect(nbstream.versions).toMatchObject([{ version: 0, reply: { status: "failed", text: "shared" } }]);
});
