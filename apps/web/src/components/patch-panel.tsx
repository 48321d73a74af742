import type { ReactNode } from 'react'

const HEIGHT = 220
const ROOM = { x: 470, y: 110 }

/** Illustration: several lines, one room. */
export function PatchPanel(props: {
  readonly className?: string
  readonly label: string
  /** Names of the lines. */
  readonly names: readonly string[]
}): ReactNode {
  const { className, label, names } = props
  const lines = names.map((name, index) => ({ name, y: (HEIGHT / names.length) * (index + 0.5) }))
  const middle = (names.length - 1) / 2
  return (
    <svg viewBox="0 0 560 220" className={`[direction:ltr] ${className ?? ''}`} role="img" aria-label={label}>
      <rect x="1" y="1" width="190" height="218" rx="18" className="fill-panel stroke-line" strokeWidth="2" />
      {lines.map(({ name, y }, index) => (
        <g key={name}>
          <path
            d={`M 156 ${y} C 300 ${y}, 320 ${ROOM.y + (index - middle) * 14}, ${ROOM.x - 46} ${ROOM.y + (index - middle) * 14}`}
            fill="none"
            className={index === 0 ? 'stroke-brass' : index === 1 ? 'stroke-good' : 'stroke-soft'}
            strokeWidth="7"
            strokeLinecap="round"
          />
          <circle cx="156" cy={y} r="15" className="fill-sunken stroke-line" strokeWidth="3" />
          <circle cx="156" cy={y} r="6" className="fill-ink" />
          <text x="26" y={y + 5} className="fill-ink text-[16px] font-medium">
            {name}
          </text>
        </g>
      ))}
      <circle cx={ROOM.x} cy={ROOM.y} r="52" className="fill-panel stroke-brass" strokeWidth="9" />
      {[
        [-17, -10],
        [17, -10],
        [0, 17],
      ].map(([dx = 0, dy = 0]) => (
        <circle key={dx} cx={ROOM.x + dx} cy={ROOM.y + dy} r="9" className="fill-ink" />
      ))}
    </svg>
  )
}
