import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { CHAT_MIMETYPE } from "../../core/chat-protocol";
import { transcriptOf } from "./saved-chat";
import { SavedChatSession } from "./session";
import { unpackedChat } from "./unpacking";

const reply = { v: 1, status: "finished", reasoning: "", finish_reason: "stop", notices: [], error: null };

function answer(turn: number, content: string, own: object = {}) {
  return { role: "assistant", content, nbstream: { turn, active: true, reply, ...own } };
}

const PNG = "data:image/png;base64,AAAA";
const CHAT = {
  v: 1,
  height: 300,
  left_out: 2,
  messages: [
    { role: "system", content: "Be terse." },
    { role: "user", content: "One", nbstream: { turn: 1, version: 1 } },
    answer(1, "First", { active: false }),
    { role: "user", content: "One!", nbstream: { turn: 1, version: 2 } },
    answer(1, "Second"),
    {
      role: "user",
      content: [
        { type: "text", text: "Look" },
        { type: "image_url", image_url: { url: PNG } },
      ],
    },
    answer(2, "Third", {
      stale: true,
      reply: {
        ...reply,
        status: "streaming",
        tools: [{ name: "add", arguments: "{}", state: "asking", result: null }],
      },
    }),
  ],
};
const PROVENANCE = { answers: [{ model: "a" }, { model: "b" }, { model: "c" }] };

describe("a transcript", () => {
  it("is turns with their versions, and the provenance of each answer", () => {
    const { height, leftOut, system, turns } = transcriptOf(unpackedChat(CHAT, PROVENANCE, ""));
    expect([height, leftOut, system]).toEqual([300, 2, "Be terse."]);
    expect(turns.map(({ active, stale, versions }) => [active, stale, versions.length])).toEqual([
      [1, false, 2],
      [0, true, 1],
    ]);
    const versions = turns.flatMap((turn) => turn.versions);
    expect(versions.map(({ text, reply }) => [text, reply.text, reply.meta.model])).toEqual([
      ["One", "First", "a"],
      ["One!", "Second", "b"],
      ["Look", "Third", "c"],
    ]);
    expect(versions[2]?.images).toEqual([PNG]);
  });

  it("puts answers together that called tools", () => {
    const call = (id: string) => ({ id, function: { name: "add", arguments: "{}" } });
    const messages = [
      { role: "user", content: "Sum?", nbstream: { turn: 1 } },
      { role: "assistant", content: "Let me see.", tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "a", content: "3", nbstream: { state: "returned" } },
      { role: "tool", tool_call_id: "b", content: "no", nbstream: { state: "refused" } },
      answer(1, "It is 3."),
      { role: "user", content: "Sure?", nbstream: { turn: 2 } },
      answer(2, "Yes."),
    ];
    const { turns } = transcriptOf(unpackedChat({ ...CHAT, messages }, PROVENANCE, ""));
    const replies = turns.map(({ versions }) => versions[0]?.reply);
    expect(replies.map((reply) => [reply?.text, reply?.meta.model])).toEqual([
      ["Let me see.\n\nIt is 3.", "a"],
      ["Yes.", "b"],
    ]);
    expect(replies[0]?.tools.map(({ name, state, result }) => [name, state, result])).toEqual([
      ["add", "returned", "3"],
      ["add", "refused", "no"],
    ]);
    expect(replies[1]?.tools).toEqual([]);
  });

  it.each([1e9, -1, 4001, Number.POSITIVE_INFINITY, "300", null])(
    "of the height %s is as high as it needs",
    (height) => {
      expect(transcriptOf(unpackedChat({ ...CHAT, height }, PROVENANCE, "")).height).toBe(0);
    },
  );

  it("shows what was still going on as ended", () => {
    const last = transcriptOf(unpackedChat(CHAT, PROVENANCE, "")).turns[1]?.versions[0];
    expect(last?.reply.status).toBe("stopped");
    expect(last?.reply.tools).toMatchObject([{ name: "add", state: "unfinished" }]);
  });

  it.each([null, 5, [], { messages: {} }, { messages: [null, 1, { role: "assistant" }, { role: "user" }] }])(
    "is read out of whatever a foreign notebook holds: %j",
    (data) => {
      for (const provenance of [null, "x", { answers: 5 }, { answers: [null, 3] }]) {
        const { turns, system } = transcriptOf(unpackedChat(data, provenance, ""));
        expect(system).toBe("");
        expect(turns.flatMap(({ versions }) => versions).every(({ text }) => text === "")).toBe(true);
      }
    },
  );
});

interface Case {
  name: string;
  data: Record<string, unknown>;
  metadata: unknown;
  read: unknown;
}

const FILE = path.join(import.meta.dirname, "../../../tests/fixtures/saved/chats.json");
const CASES: Case[] = JSON.parse(readFileSync(FILE, "utf8"));

describe("what is shown is what is loaded", () => {
  it.each(CASES)("$name", ({ data, metadata, read }) => {
    const chat = unpackedChat(data[CHAT_MIMETYPE], metadata, data["text/markdown"]);
    const { system, turns, unreadable } = transcriptOf(chat);
    const shown = turns.map(({ active, stale, versions }) => ({
      active,
      stale,
      versions: versions.map(({ text, images, reply }) => [
        text,
        images,
        reply.text,
        reply.status,
        reply.tools.map(({ name }) => name),
      ]),
    }));
    expect({ system, turns: shown, unreadable }).toEqual(read);
    expect(transcriptOf(unpackedChat(chat.data, chat.provenance, ""))).toEqual(transcriptOf(chat));
  });

  it("is said before it is loaded", () => {
    const { data, metadata } = CASES[0] as Case;
    const chat = unpackedChat(data[CHAT_MIMETYPE], metadata, data["text/markdown"]);
    const contents = ["a system prompt", "1 image", "1 linked image", "1 file or other attachment"];
    expect(transcriptOf(chat).contents).toEqual(contents);
  });
});

describe("a saved chat", () => {
  const texts = ({ store }: SavedChatSession) => store.turns.value.map(({ reply }) => reply.text.value);

  it("shows the versions that count, and others when they are chosen", async () => {
    const chat = new SavedChatSession();
    chat.load(transcriptOf(unpackedChat(CHAT, PROVENANCE, "")));
    expect(texts(chat)).toEqual(["Second", "Third"]);
    const first = chat.store.turns.value[0];
    expect(first?.head.value).toMatchObject({ text: "One!", version: 1, versions: 2 });
    await chat.send({ name: "choose", id: first?.id ?? "", version: 0 });
    expect(texts(chat)).toEqual(["First", "Third"]);
    expect(first?.head.value).toMatchObject({ text: "One", version: 0 });
    await chat.send({ name: "choose", id: first?.id ?? "", version: 1 });
    expect(texts(chat)).toEqual(["Second", "Third"]);
  });

  it("takes another output in the place of the first", () => {
    const chat = new SavedChatSession();
    chat.load(transcriptOf(unpackedChat(CHAT, PROVENANCE, "")));
    chat.load(transcriptOf(unpackedChat({ ...CHAT, messages: CHAT.messages.slice(0, 3) }, PROVENANCE, "")));
    expect(texts(chat)).toEqual(["First"]);
  });

  it("offers to be run only where there is a cell", () => {
    expect(new SavedChatSession().revive.value).toBeNull();
  });
});
