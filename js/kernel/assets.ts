/**
 * Modules that the kernel sends when they are first needed: anywidget imports the widget's own module from a Blob
 * URL, so it cannot import other files.
 */

import type { Request } from "../core/commands";
import type { AssetName, SharedCommands } from "../core/protocol";
import { fromBase64, importPacked } from "./packed";
import type { Packet } from "./requests";

type AssetRequest = Extract<Request<SharedCommands>, { name: "asset" }>;
type AssetPacket = Packet<{ base64?: string }>;

/**
 * Loads a module. If the host lost the buffers of the message, requests the bytes as text.
 *
 * @param request sends a request on the widget's channel
 */
export async function loadAsset<Module>(
  request: (request: AssetRequest) => Promise<AssetPacket>,
  asset: AssetName,
): Promise<Module> {
  const packed =
    bytesOf(await request({ name: "asset", asset })) ??
    bytesOf(await request({ name: "asset", asset, as: "base64" }));
  if (!packed) throw new Error(`The kernel did not send the module "${asset}".`);
  return importPacked(new Blob([packed]));
}

function bytesOf({ data, buffers: [buffer] }: AssetPacket): BlobPart | null {
  return buffer ?? (data.base64 ? fromBase64(data.base64) : null);
}
