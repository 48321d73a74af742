import jsQr from 'jsqr'
import { PNG } from 'pngjs'

/** @returns what a camera would read from a picture with a QR code; `undefined` when there is none. */
export function scan(png: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(png)
  return jsQr.default(new Uint8ClampedArray(data), width, height)?.data
}
