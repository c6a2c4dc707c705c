/**
 * Modules that come over the comm when they are first needed: anywidget imports the widget's own module from a Blob
 * URL, next to which there is nothing else to import.
 */

import type { AssetName, AssetRequest, AssetSent } from "../core/protocol";
import { fromBase64, importPacked } from "./packed";

/** One module that the kernel keeps. */
export class Asset<Module> {
  readonly #name: AssetName;
  readonly #ask: (request: AssetRequest) => void;
  #arrived: (packed: Blob) => void = () => {};

  constructor(name: AssetName, ask: (request: AssetRequest) => void) {
    this.#name = name;
    this.#ask = ask;
  }

  /** Asks the kernel for the module; settles never where the kernel does not answer. */
  async load(): Promise<Module> {
    const packed = new Promise<Blob>((resolve) => {
      this.#arrived = resolve;
    });
    this.#ask({ t: "asset", name: this.#name });
    return importPacked(await packed);
  }

  /** Takes the kernel's answer. Some hosts lose the buffers of a message; there the bytes are asked for as text. */
  receive({ data }: AssetSent, [buffer]: readonly DataView<ArrayBuffer>[]): void {
    if (buffer) this.#arrived(new Blob([buffer]));
    else if (data) this.#arrived(new Blob([fromBase64(data)]));
    else this.#ask({ t: "asset", name: this.#name, as: "base64" });
  }
}
