import jsQR from 'jsqr';

const PIXELS_PER_MODULE = 6;

/** What a scanner reads from a QR picture as the service makes it: strokes `Mx y.5hlength` in modules. */
export function scanned(address: string): string | undefined {
  const svg = Buffer.from(address.replace('data:image/svg+xml;base64,', ''), 'base64').toString('utf8');
  const modules = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const side = modules * PIXELS_PER_MODULE;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)\.5h(\d+)/g))
    paint(pixels, side, Number(x), Number(y), Number(length));
  return jsQR.default(pixels, side, side)?.data;
}

function paint(pixels: Uint8ClampedArray, side: number, x: number, y: number, length: number): void {
  for (let row = y * PIXELS_PER_MODULE; row < (y + 1) * PIXELS_PER_MODULE; row++) {
    const start = (row * side + x * PIXELS_PER_MODULE) * 4;
    for (let at = start; at < start + length * PIXELS_PER_MODULE * 4; at += 4) pixels.fill(0, at, at + 3);
  }
}
