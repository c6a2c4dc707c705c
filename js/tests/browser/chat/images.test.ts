/** Images that are attached to a message. */

import { describe, expect, it } from "vitest";
import type { Stage } from "../widget/stage";
import { chat, EMPTY, turn } from "./chats";
import { picture, png } from "./pictures";
import { box, button, chatStages, command } from "./stage";

const open = chatStages();

const file = (buffer: Buffer, name = "plot.png", mimeType = "image/png") => ({ name, mimeType, buffer });

async function attach(stage: Stage, ...files: ReturnType<typeof file>[]): Promise<void> {
  await stage.root.locator("input[type=file]").setInputFiles(files);
}

/** Pastes or drops a file as the browser does, with the events' own data. */
async function give(stage: Stage, kind: "paste" | "drop", buffer: Buffer, text?: string): Promise<boolean> {
  const bytes = [...buffer];
  return box(stage).evaluate(
    (target, { kind, bytes, text }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
      if (text) data.setData("text/plain", text);
      const how = { bubbles: true, cancelable: true };
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { ...how, clipboardData: data })
          : new DragEvent("drop", { ...how, dataTransfer: data });
      return target.dispatchEvent(event);
    },
    { kind, bytes, text },
  );
}

const thumbnails = (stage: Stage) =>
  stage.root.getByRole("list", { name: "Attached images" }).getByRole("img");

/** Size in pixels of the first image that was sent. */
async function sentSize(stage: Stage): Promise<number[]> {
  const { images } = await command(stage, "send");
  return stage.page.evaluate(async (url) => {
    const { width, height } = await createImageBitmap(await (await fetch(url)).blob());
    return [width, height];
  }, images[0] ?? "");
}

describe("an image", () => {
  it("is picked, shown small, and sent as it is", async () => {
    const stage = await open(EMPTY);
    await attach(stage, file(png(40, 30)));
    await thumbnails(stage).first().waitFor();
    await box(stage).fill("What is this?");
    await stage.page.keyboard.press("Enter");
    const sent = await command(stage, "send");
    expect(sent).toMatchObject({ text: "What is this?", images: [picture(40, 30)] });
    await expect.poll(() => thumbnails(stage).count()).toBe(0);
  });

  it("is sent without words", async () => {
    const stage = await open(EMPTY);
    await attach(stage, file(png(40, 30)));
    await thumbnails(stage).first().waitFor();
    await button(stage, "Send").click();
    expect(await command(stage, "send")).toMatchObject({ text: "" });
  });

  it.each(["paste", "drop"] as const)("is taken from a %s", async (kind) => {
    const stage = await open(EMPTY);
    expect(await give(stage, kind, png(40, 30))).toBe(false);
    await thumbnails(stage).first().waitFor();
  });

  it("that only pictures pasted text is left", async () => {
    const stage = await open(EMPTY);
    expect(await give(stage, "paste", png(40, 30), "A1\tB1")).toBe(true);
    await expect.poll(() => thumbnails(stage).count()).toBe(0);
  });

  it("is removed", async () => {
    const stage = await open(EMPTY);
    await attach(stage, file(png(40, 30)), file(png(50, 30)));
    await expect.poll(() => thumbnails(stage).count()).toBe(2);
    await button(stage, "Remove attachment 1").click();
    await button(stage, "Send").click();
    expect(await sentSize(stage)).toEqual([50, 30]);
  });

  it("larger than models see is scaled down", async () => {
    const stage = await open(EMPTY);
    await attach(stage, file(png(3136, 100)));
    await thumbnails(stage).first().waitFor();
    await button(stage, "Send").click();
    expect(await sentSize(stage)).toEqual([1568, 50]);
  });

  it("of too many bytes is encoded anew", async () => {
    const stage = await open(EMPTY);
    const noise = png(1500, 1400, true);
    expect(noise.length).toBeGreaterThan(5_000_000);
    await attach(stage, file(noise));
    await thumbnails(stage).first().waitFor();
    await button(stage, "Send").click();
    const { images } = await command(stage, "send");
    expect(images[0]).toMatch(/^data:image\/jpeg;base64,/);
    expect(images[0]?.length).toBeLessThan(6_700_000);
  });

  it("of another kind, or damaged, is refused with what to do", async () => {
    const stage = await open(EMPTY);
    await attach(stage, file(Buffer.from("<svg/>"), "evil.svg", "image/svg+xml"));
    await stage.root.getByText("evil.svg cannot be attached. Use a PNG, JPEG, GIF or WebP image.").waitFor();
    await attach(stage, file(Buffer.from("no image"), "broken.png"));
    await stage.root.getByText("broken.png is damaged").waitFor();
    await expect.poll(() => thumbnails(stage).count()).toBe(0);
  });
});

it("shows what was sent, but loads nothing from elsewhere", async () => {
  const images = [picture(320, 200), "http://127.0.0.1/beacon.png", "data:image/svg+xml;base64,PHN2Zy8+"];
  const stage = await open(chat([turn("t1", "What is this?", { images })]));
  const said = stage.root.getByRole("region", { name: "You" });
  await said.getByRole("img").waitFor();
  await expect.poll(() => said.getByRole("img").count()).toBe(1);
});
