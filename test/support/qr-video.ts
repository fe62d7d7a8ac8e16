import fs from 'node:fs';
import type { Locator } from 'playwright-core';
import encodeQR from 'qr';
import decodeQR from 'qr/decode.js';

const [WIDTH, HEIGHT] = [640, 480];
const MODULE_PIXELS = 9;
const [DARK, LIGHT, NO_COLOUR] = [16, 235, 128];
const FRAMES = 4;

/** A film of a sheet of paper with a QR code, as Chromium's fake camera takes it (YUV4MPEG2, 4:2:0). */
export function writeQrVideo(file: string, text: string): void {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const luma = Buffer.alloc(WIDTH * HEIGHT, LIGHT);
  const side = modules.length * MODULE_PIXELS;
  const [left, top] = [Math.floor((WIDTH - side) / 2), Math.floor((HEIGHT - side) / 2)];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isDark = modules[Math.floor(y / MODULE_PIXELS)]?.[Math.floor(x / MODULE_PIXELS)];
      if (isDark) luma[(top + y) * WIDTH + left + x] = DARK;
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, NO_COLOUR)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420mpeg2\n`);
  fs.writeFileSync(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
}

/** What the QR code says that an element of a page shows, read from its pixels. */
export async function readQrOf(element: Locator): Promise<string> {
  const png = (await element.screenshot()).toString('base64');
  // As text: the types of the browser are not those of Node.
  const pixels = `(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png}';
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, data: [...data] };
  })()`;
  type Pixels = { width: number; height: number; data: number[] };
  const { width, height, data } = await element.page().evaluate<Pixels>(pixels);
  return decodeQR({ width, height, data: Uint8ClampedArray.from(data) });
}
