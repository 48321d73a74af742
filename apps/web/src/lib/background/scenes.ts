/** Pictures that are drawn instead of being fetched. */
export const scenes = ['dusk', 'study', 'plain'] as const
export type Scene = (typeof scenes)[number]

type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D

/** Fills `width` × `height` pixels. */
export function drawScene(scene: Scene, context: Context, width: number, height: number): void {
  context.save()
  context.scale(width, height)
  drawers[scene](context)
  context.restore()
}

/** Each fills the unit square. */
const drawers: Readonly<Record<Scene, (context: Context) => void>> = {
  dusk(context) {
    fill(context, [0, 0, 1, 0.62], ['#2b3a67', '#8a5a83', '#f29e6d', '#ffd9a0'])
    context.fillStyle = '#fff0c9'
    context.beginPath()
    context.ellipse(0.7, 0.56, 0.045, 0.08, 0, 0, 2 * Math.PI)
    context.fill()
    context.fillStyle = '#4d4468'
    context.beginPath()
    context.moveTo(0, 0.62)
    context.lineTo(0, 0.5)
    context.bezierCurveTo(0.15, 0.42, 0.22, 0.58, 0.38, 0.62)
    context.fill()
    fill(context, [0, 0.62, 1, 0.38], ['#e39a7a', '#6d5a80', '#27355c'])
    context.fillStyle = '#ffe2b0'
    for (let row = 0; row < 7; row += 1) {
      context.globalAlpha = 0.5 - 0.06 * row
      const half = 0.03 + 0.012 * row
      context.fillRect(0.7 - half, 0.64 + 0.05 * row, 2 * half, 0.008)
    }
  },
  study(context) {
    fill(context, [0, 0, 1, 1], ['#5b4636', '#3d2e24'])
    const covers = ['#7c3f3a', '#3e5c58', '#b08a4a', '#34465f', '#8d6a5b', '#59653c']
    for (let shelf = 0; shelf < 4; shelf += 1) {
      const floor = 0.25 * (shelf + 1) - 0.02
      for (let book = 0; book < 44; book += 1) {
        // The same books each time.
        const kind = (book * 7 + shelf * 5 + ((book * book) % 11)) % 13
        if (kind === 12) continue
        const tall = 0.14 + 0.005 * kind
        context.fillStyle = covers[(kind + book) % covers.length] ?? ''
        context.fillRect(book / 44, floor - tall, 0.0205, tall)
        context.fillStyle = 'rgb(255 240 210 / 0.35)'
        context.fillRect(book / 44 + 0.004, floor - tall * 0.8, 0.0125, 0.008)
      }
      context.fillStyle = '#2c2019'
      context.fillRect(0, floor, 1, 0.02)
    }
  },
  plain(context) {
    fill(context, [0, 0, 1, 1], ['#e9e4da', '#d3ccbe'])
    const light = context.createRadialGradient(0.3, 0.2, 0.05, 0.3, 0.2, 0.8)
    light.addColorStop(0, 'rgb(255 255 250 / 0.8)')
    light.addColorStop(1, 'rgb(255 255 250 / 0)')
    context.fillStyle = light
    context.fillRect(0, 0, 1, 1)
  },
}

/** Fills a rectangle with colors from top to bottom. */
function fill(context: Context, [x, y, w, h]: [number, number, number, number], colors: readonly string[]): void {
  const gradient = context.createLinearGradient(0, y, 0, y + h)
  for (const [index, color] of colors.entries()) gradient.addColorStop(index / (colors.length - 1), color)
  context.fillStyle = gradient
  context.fillRect(x, y, w, h)
}
