/** Real images for tests, encoded here: PNG (ISO/IEC 15948) of a gradient. */

import { crc32, deflateSync } from "node:zlib";

/** A PNG file of that size in pixels. `noise` makes it as large as its pixels are many. */
export function png(width: number, height: number, noise = false): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  let seed = 1;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      rows.set(
        noise ? [seed >> 7, seed >> 13, seed >> 19] : [(x * 255) / width, (y * 255) / height, 160],
        at,
      );
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, block("IHDR", header), block("IDAT", deflateSync(rows)), block("IEND")]);
}

/** The same as a data: URL. */
export function picture(width: number, height: number): string {
  return `data:image/png;base64,${png(width, height).toString("base64")}`;
}

function block(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
