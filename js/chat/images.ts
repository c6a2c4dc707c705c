/** Prepares the user's images for a model. */

/** In pixels. Models scale larger images down: more costs time and tokens without benefit. */
const LONG_EDGE = 1568;
/** The APIs' limit for one image, in bytes. */
const MAX_BYTES = 5_000_000;
const JPEG_QUALITY = 0.85;

/** For the `accept` attribute of a file picker. */
export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** The message tells the user why, and what to do. */
export class ImageRefused extends Error {
  override readonly name = "ImageRefused";
}

/**
 * The image as a data: URL, scaled down and encoded again if it is larger than models see.
 *
 * @throws ImageRefused if the file is not a PNG, JPEG, GIF or WebP image
 */
export async function readImage(file: File): Promise<string> {
  if (!IMAGE_TYPES.includes(file.type))
    throw new ImageRefused(`${file.name} cannot be attached. Use a PNG, JPEG, GIF or WebP image.`);
  const bitmap = await decoded(file);
  try {
    const scale = LONG_EDGE / Math.max(bitmap.width, bitmap.height);
    const fits = scale >= 1 && file.size <= MAX_BYTES;
    return await dataUrl(fits ? file : await redrawn(bitmap, Math.min(scale, 1), file.type));
  } finally {
    bitmap.close();
  }
}

async function decoded(file: File): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new ImageRefused(`${file.name} is damaged: it cannot be read as an image.`);
  }
}

/** PNG, unless it was a JPEG or the result is too large. */
async function redrawn(bitmap: ImageBitmap, scale: number, type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) throw new ImageRefused("This browser cannot scale images. Attach a smaller one.");
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const jpeg = () => canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
  if (type === "image/jpeg") return jpeg();
  const png = await canvas.convertToBlob({ type: "image/png" });
  return png.size <= MAX_BYTES ? png : jpeg();
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new ImageRefused("The image could not be read. Attach it again."));
    reader.readAsDataURL(blob);
  });
}
