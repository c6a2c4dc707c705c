/** The built widget in a real browser, driven as anywidget drives it. */

import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../core/protocol";
import { ANSWER, DONE_META, FAILED, FINISHED, ILLUSTRATED, META, REASONING, SUBMITTED } from "./replies";
import { framesOf, type Stage } from "./stage";
import { stages } from "./stages";

const open = stages<Snapshot>();

const pieces = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

/** Every element of the answer with its class and text. */
function drawn(stage: Stage): Promise<string[]> {
  return stage.root
    .locator(".nbs-prose *")
    .evaluateAll((elements) =>
      elements.map((element) => `${element.tagName}.${element.className} ${element.textContent}`),
    );
}

describe("streaming", () => {
  it("draws the answer as it comes, and the same in the end as at once", async () => {
    const live = await open(SUBMITTED);
    const frames = framesOf(pieces(ANSWER, 7), 2);
    for (const frame of frames) await live.receive(frame);
    await live.root.locator("blockquote").waitFor();
    await live.receive({ t: "frame", seq: 1000, status: "finished", meta: DONE_META });
    await live.root.locator(".nbs-figure", { hasText: "312 tokens (25 in)" }).waitFor();
    const saved = await open({ ...FINISHED, reasoning: "", meta: DONE_META });
    for (const stage of [live, saved]) await stage.root.locator(".nbs-hl-keyword").first().waitFor();
    expect(await drawn(live)).toEqual(await drawn(saved));
  });

  it("joins a character that two frames share", async () => {
    const stage = await open(SUBMITTED);
    await stage.receive(...framesOf(["smile \ud83d", "\ude00 done"], 2));
    await stage.root.getByText("smile 😀 done").waitFor();
  });

  it("neither jumps at the end nor takes the page's scroll", async () => {
    const stage = await open({ ...SUBMITTED, status: "streaming", text: ANSWER.repeat(4), meta: DONE_META });
    await stage.page.evaluate(() => window.scrollTo(0, 300));
    const place = () => stage.root.evaluate((root) => [window.scrollY, root.getBoundingClientRect().height]);
    const before = await place();
    await stage.receive({ t: "frame", seq: 2, status: "finished" });
    await stage.root.getByLabel("Copy as Markdown").waitFor();
    expect(await place()).toEqual(before);
  });

  it("tells assistive technology when it begins and ends, and not in between", async () => {
    const stage = await open(SUBMITTED);
    const [log, news] = [stage.root.getByRole("log"), stage.page.getByRole("status")];
    expect([await log.getAttribute("aria-busy"), await log.getAttribute("aria-live")]).toEqual([
      "true",
      "off",
    ]);
    await expect.poll(() => news.textContent()).toBe("Responding…");
    await stage.receive({ t: "frame", seq: 2, status: "finished", text: [0, "Done."] });
    await expect.poll(() => news.textContent()).toBe("Answer complete");
    await expect.poll(() => log.getAttribute("aria-busy")).toBe("false");
  });

  it("says nothing of an answer that was complete when the view opened", async () => {
    const stage = await open(FINISHED);
    await expect.poll(() => stage.page.getByRole("status").count()).toBe(0);
  });
});

describe("images and sources", () => {
  it("come with the frames; nothing on the web is loaded, and no script is a link", async () => {
    const stage = await open(SUBMITTED);
    const asked: string[] = [];
    stage.page.on("request", (request) => asked.push(new URL(request.url()).protocol));
    const { text, images, citations } = ILLUSTRATED;
    const added = [...(images ?? [])];
    await stage.receive(
      { t: "frame", seq: 2, status: "streaming", text: [0, text], images: [0, added.slice(0, 1)] },
      { t: "frame", seq: 3, status: "streaming", images: [1, added.slice(1)] },
      { t: "frame", seq: 4, status: "finished", citations: [...(citations ?? [])], meta: DONE_META },
    );
    const image = stage.root.getByRole("img", { name: "Image 1" });
    await expect.poll(() => image.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(1);
    await stage.root.getByRole("button", { name: "Load image from pictures.example" }).waitFor();
    const sources = stage.root.getByRole("region", { name: "Sources" });
    await expect
      .poll(() => sources.getByRole("listitem").allTextContents())
      .toEqual(["1 Prices of bread a.example", "2 b.example", "3 No web address"]);
    await expect.poll(() => sources.getByRole("link").count()).toBe(2);
    expect(asked.filter((protocol) => protocol !== "data:")).toEqual([]);
  });
});

describe("waiting", () => {
  it("counts the seconds, and after ten says so in words", async () => {
    const stage = await open({ ...SUBMITTED, meta: { ...META, elapsed: 2 } }, { frozen: true });
    await stage.page.clock.runFor(1_300);
    await stage.root.getByText("Waiting for gpt-5-mini · 3 s").waitFor();
    await stage.page.clock.runFor(8_000);
    await stage.root.getByText("Still waiting for gpt-5-mini: no response for 11 s").waitFor();
  });

  it("counts down to the next attempt", async () => {
    const retrying = { attempt: 2, attempts: 3, wait: 3, reason: "Server busy (429)" };
    const stage = await open({ ...SUBMITTED, meta: { ...META, retrying } }, { frozen: true });
    await stage.root.getByText("Server busy (429). Trying again in 3 s (2 of 3)").waitFor();
    await stage.page.clock.runFor(2_300);
    await stage.root.getByText("Server busy (429). Trying again in 1 s (2 of 3)").waitFor();
    await stage.page.clock.runFor(1_000);
    await stage.root.getByText("Server busy (429). Trying again now (2 of 3)").waitFor();
  });

  it("ends with the first token", async () => {
    const stage = await open(SUBMITTED);
    await stage.receive(...framesOf(["Hi"], 2));
    await stage.root.locator(".nbs-waiting").waitFor({ state: "detached" });
  });
});

describe("reasoning", () => {
  const thinking: Snapshot = {
    ...SUBMITTED,
    status: "streaming",
    reasoning: REASONING,
    meta: { ...META, ttft: 1 },
  };

  it("is open while the model thinks and folds when the answer begins", async () => {
    const stage = await open(thinking);
    const details = stage.root.locator("details");
    await expect.poll(() => details.getAttribute("open")).not.toBeNull();
    const meta = { ...META, ttft: 1, reasoning_seconds: 12.3 };
    await stage.receive({ t: "frame", seq: 2, status: "streaming", text: [0, "So:"], meta });
    await stage.root.getByText("Thought for 12 s").waitFor();
    await expect.poll(() => details.getAttribute("open")).toBeNull();
  });

  it("stays as the reader puts it", async () => {
    const stage = await open(thinking);
    await stage.receive(...framesOf(["So"], 2));
    await stage.root.getByText("Thought").click();
    await stage.receive({ t: "frame", seq: 9, status: "finished", text: [2, " it is."] });
    await stage.root.getByText("So it is.").waitFor();
    await expect.poll(() => stage.root.locator("details").getAttribute("open")).not.toBeNull();
  });
});

describe("Stop", () => {
  const streaming: Snapshot = { ...SUBMITTED, status: "streaming", text: "Some text" };
  const stopButton = (stage: Stage) => stage.root.getByRole("button", { name: "Stop" });

  it("is a message to the kernel", async () => {
    const stage = await open(streaming, { frozen: true });
    await stopButton(stage).click();
    await stage.root.getByText("Stopping…").waitFor();
    await stage.receive({ t: "ack", n: 1, name: "stop" });
    await stage.page.clock.runFor(5_000);
    await expect.poll(() => stage.sent()).toEqual(["stop"]);
    expect(stage.requests).toEqual([]);
    await stage.receive({ t: "frame", seq: 5, status: "stopped" });
    await stage.root.getByText("Stopped", { exact: true }).waitFor();
    await stage.root.getByText("Some text").waitFor();
  });

  it("becomes an interrupt of the kernel when nobody answers", async () => {
    const stage = await open(streaming, { frozen: true });
    await stopButton(stage).click();
    await stage.page.clock.runFor(700);
    await expect.poll(() => stage.requests.length).toBe(1);
    const [request] = stage.requests;
    expect(request).toMatchObject({ method: "POST", path: "/lab/api/kernels/0b3c-kernel/interrupt" });
    expect(request?.headers).toMatchObject({ "x-xsrftoken": "2|test", authorization: "token secret" });
  });

  it("interrupts nothing once the answer is over", async () => {
    const stage = await open(streaming, { frozen: true });
    await stopButton(stage).click();
    await stage.receive({ t: "frame", seq: 5, status: "finished" });
    await stage.page.clock.runFor(5_000);
    expect(stage.requests).toEqual([]);
  });

  it("says what to do where the kernel cannot be interrupted from the page", async () => {
    const stage = await open(streaming, { frozen: true, jupyter: false });
    await stopButton(stage).click();
    await stage.page.clock.runFor(700);
    await stage.root.getByText("The kernel did not respond to Stop.").waitFor();
    await stopButton(stage).click();
    await expect.poll(() => stage.sent()).toEqual(["stop", "stop"]);
  });

  it("is on the Escape key inside the view, and only there", async () => {
    const stage = await open(streaming);
    await stage.page.keyboard.press("Escape");
    await expect.poll(() => stage.sent()).toEqual([]);
    await stopButton(stage).focus();
    await stage.page.keyboard.press("Escape");
    await expect.poll(() => stage.sent()).toEqual(["stop"]);
  });

  it("hands the focus on when it goes", async () => {
    const stage = await open(streaming);
    await stopButton(stage).focus();
    await stage.receive({ t: "frame", seq: 5, status: "stopped" });
    await stage.root.locator("button:focus").and(stage.root.getByLabel("Copy as Markdown")).waitFor();
  });
});

describe("messages lost or late", () => {
  it("are asked for again, and the answer goes on", async () => {
    const stage = await open({ ...SUBMITTED, status: "streaming", text: "One " });
    await stage.receive({ t: "frame", seq: 7, status: "streaming", text: [8, "three"] });
    await expect.poll(() => stage.sent()).toEqual(["resync"]);
    const state: Snapshot = { ...SUBMITTED, seq: 7, status: "streaming", text: "One two three" };
    await stage.receive(
      { t: "snapshot", state },
      { t: "frame", seq: 8, status: "finished", text: [13, " four"] },
    );
    await stage.root.getByText("One two three four").waitFor();
  });

  it("are made good by the snapshot of a reconnected kernel", async () => {
    const stage = await open({ ...SUBMITTED, status: "streaming", text: "One " });
    const later: Snapshot = { ...FINISHED, reasoning: "", text: "One two." };
    await stage.page.evaluate((snapshot) => window.host.restore(snapshot), later);
    await stage.root.getByText("One two.").waitFor();
  });
});

describe("several views of one reply", () => {
  it("show the same, and the last one to go says so", async () => {
    const stage = await open(SUBMITTED);
    await stage.receive(...framesOf(["Both see "], 2));
    await stage.page.evaluate(() => window.views.push(window.host.show()));
    await stage.receive({ t: "frame", seq: 9, status: "finished", text: [9, "this."] });
    await expect.poll(() => stage.page.getByText("Both see this.").count()).toBe(2);
    await stage.page.evaluate(() => window.views[0]?.());
    await expect.poll(() => stage.sent()).toEqual([]);
    await stage.page.evaluate(() => window.views[1]?.());
    await expect.poll(() => stage.sent()).toEqual(["gone"]);
  });
});

describe("a failure", () => {
  it("says what went wrong and what to do, and keeps the text", async () => {
    const stage = await open(FAILED);
    const box = stage.root.getByRole("region", { name: "Error" });
    await box.getByText("The connection ended before the answer was complete.").waitFor();
    await box.getByText("Run the cell again to retry.").waitFor();
    await stage.root.getByText("Open the request with").waitFor();
    await stage.root.getByText("One chunk could not be read and was left out.").waitFor();
    // Only a notebook can run the cell again: the widget alone offers no Retry.
    await expect.poll(() => stage.root.getByRole("button", { name: "Retry" }).count()).toBe(0);
  });

  it("of the renderer itself leaves the words as plain text", async () => {
    const stage = await open(SUBMITTED);
    await stage.page.evaluate(() => {
      const createElement = document.createElement.bind(document);
      document.createElement = (name: string) => {
        if (name === "p") throw new Error("sabotaged");
        return createElement(name);
      };
    });
    await stage.receive(...framesOf(["Still ", "**here**"], 2));
    await expect.poll(() => stage.root.locator(".nbs-plain").textContent()).toBe("Still **here**");
    await stage.receive({ t: "frame", seq: 9, status: "finished", text: [14, "."] });
    await expect.poll(() => stage.root.locator(".nbs-plain").textContent()).toBe("Still **here**.");
    expect(stage.errors.splice(0)).toEqual(["sabotaged"]);
  });

  it("of the view around it leaves the source", async () => {
    const meta = { ...META, notices: null as never };
    const stage = await open({ ...FINISHED, meta });
    await expect.poll(() => stage.root.locator("pre.nbs-raw").textContent()).toBe(ANSWER);
    expect(stage.errors.splice(0)).toHaveLength(1);
  });

  it("in hostile words stays words", async () => {
    const evil = '<img src="/beacon" onerror="fetch(\'/script\')"><script>fetch("/script")</script>';
    const error = { kind: "status", type: evil, message: evil, advice: evil };
    const meta = {
      ...META,
      model: evil,
      host: evil,
      finish_reason: evil,
      notices: [{ kind: "x", text: evil }],
      error,
    };
    const stage = await open({ ...FAILED, text: evil, reasoning: evil, meta });
    await stage.root.getByRole("region", { name: "Error" }).waitFor();
    await expect.poll(() => stage.root.locator("img, script").count()).toBe(0);
    expect(stage.requests).toEqual([]);
  });
});

describe("notices", () => {
  it("warn of faults, not of the server that was found", async () => {
    const notices = [
      { kind: "found", text: "ollama was found" },
      { kind: "length", text: "cut by the limit" },
    ];
    const stage = await open({ ...FINISHED, meta: { ...META, notices } });
    const icons = (text: string) =>
      stage.root.locator(".nbs-notice", { hasText: text }).locator("svg").count();
    await stage.root.getByText("cut by the limit").waitFor();
    expect([await icons("was found"), await icons("the limit")]).toEqual([0, 1]);
  });
});

describe("the reader's actions", () => {
  it("copies the Markdown source", async () => {
    const context = { permissions: ["clipboard-read", "clipboard-write"] };
    const stage = await open(FINISHED, { context });
    await stage.root.getByLabel("Copy as Markdown").click();
    await stage.root.getByLabel("Copied").waitFor();
    await expect.poll(() => stage.page.evaluate(() => navigator.clipboard.readText())).toBe(ANSWER);
  });

  it("shows the source, and the drawn answer again", async () => {
    const stage = await open(FINISHED);
    const toggle = stage.root.getByRole("button", { name: "Markdown source" });
    await toggle.click();
    await expect.poll(() => stage.root.locator(".nbs-raw").textContent()).toBe(ANSWER);
    await expect.poll(() => stage.root.getByRole("heading").isVisible()).toBe(false);
    await toggle.click();
    await expect.poll(() => stage.root.getByRole("heading").isVisible()).toBe(true);
  });

  it("leaves the focus where it was when the mouse is used", async () => {
    const stage = await open(FINISHED);
    await stage.page.locator("main").evaluate((main) => {
      main.tabIndex = -1;
      main.focus();
    });
    await stage.root.getByRole("button", { name: "Markdown source" }).click();
    await stage.root.locator(".nbs-raw").waitFor();
    await expect.poll(() => stage.page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  });

  it("keeps keys from the notebook", async () => {
    const stage = await open(FINISHED);
    const reached = () => stage.page.evaluate(() => document.body.dataset.key);
    await stage.page.evaluate(() => {
      document.addEventListener("keydown", (event) => {
        document.body.dataset.key = event.key;
      });
    });
    await stage.root.getByLabel("Copy as Markdown").focus();
    await stage.page.keyboard.press("Shift+Enter");
    await expect.poll(() => reached()).toBeUndefined();
    await stage.page.locator("body").evaluate(() => (document.activeElement as HTMLElement).blur());
    await stage.page.keyboard.press("j");
    await expect.poll(() => reached()).toBe("j");
  });
});

describe("the host", () => {
  it("changes its theme and the view follows", async () => {
    const stage = await open(FINISHED, { theme: "light" });
    await expect.poll(() => stage.root.getAttribute("data-theme")).toBe("light");
    await stage.page.evaluate(() => document.body.setAttribute("data-jp-theme-light", "false"));
    await expect.poll(() => stage.root.getAttribute("data-theme")).toBe("dark");
  });

  it("may be as narrow as 300 pixels", async () => {
    const stage = await open(FINISHED, { context: { viewport: { width: 300, height: 600 } } });
    const excess = await stage.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(excess).toBe(0);
  });
});
