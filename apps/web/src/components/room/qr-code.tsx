import type { ReactNode } from 'react'
import { createLazyCode } from '@/lib/lazy-code'

const encoder = createLazyCode(async () => (await import('uqr')).encode)

/** A text as a QR code (ISO/IEC 18004), dark on white whatever the theme: cameras expect that. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const encode = encoder.use(true)
  // What is around the code belongs to it: four modules.
  const code = encode?.(text, { border: 4 })
  const path = code?.data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${code?.size ?? 1} ${code?.size ?? 1}`}
      shapeRendering="crispEdges"
      className="size-44 rounded-xl border border-line bg-white"
    >
      <path d={path?.join('')} className="fill-black" />
    </svg>
  )
}
