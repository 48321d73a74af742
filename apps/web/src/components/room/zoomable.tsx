'use client'
import { useTranslations } from 'next-intl'
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { panBy, type Point, unzoomed, type Zoom, zoomBy } from '@/lib/zoom'

/** How much a key or a double click magnifies, and how far an arrow moves, in CSS pixels. */
const STEP = 1.5
const DOUBLE = 2.5
const MOVE = 60
/** What each key does: a factor, or a move. */
const factors: Readonly<Record<string, number>> = { '+': STEP, '=': STEP, '-': 1 / STEP, '0': 0 }
const moves: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: MOVE, y: 0 },
  ArrowRight: { x: -MOVE, y: 0 },
  ArrowUp: { x: 0, y: MOVE },
  ArrowDown: { x: 0, y: -MOVE },
}
const middle: Point = { x: 0, y: 0 }

/**
 * Lets one look at a picture more closely: pinch, double click, Ctrl and the wheel, or plus, minus and arrows; a closer
 * picture is moved by dragging or by the wheel.
 */
export function Zoomable({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  const t = useTranslations('Stage')
  const [frame, setFrame] = useState<HTMLElement | null>(null)
  const [shown, setShown] = useState(unzoomed)
  const pointers = useRef(new Map<number, Point>())
  const change = (act: (zoom: Zoom, size: DOMRect) => Zoom) => {
    if (frame !== null) setShown((before) => act(before, frame.getBoundingClientRect()))
  }
  useEffect(() => {
    if (frame === null) return undefined
    // A picture that was moved aside would be outside of a frame that has become smaller.
    const sized = new ResizeObserver(() => setShown((before) => panBy(before, middle, frame.getBoundingClientRect())))
    sized.observe(frame)
    return () => sized.disconnect()
  }, [frame])
  useEffect(() => {
    if (frame === null) return undefined
    const turn = (event: WheelEvent) => {
      const size = frame.getBoundingClientRect()
      if (event.ctrlKey) {
        event.preventDefault()
        setShown((before) => zoomBy(before, Math.exp(-event.deltaY / 200), placeIn(size, event), size))
      } else setShown((before) => panBy(before, { x: -event.deltaX, y: -event.deltaY }, size))
    }
    // React's own listener may not prevent the page from being zoomed.
    frame.addEventListener('wheel', turn, { passive: false })
    return () => frame.removeEventListener('wheel', turn)
  }, [frame])

  const press = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, pointOf(event))
  }
  const move = (event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId)
    if (before === undefined) return
    const now = pointOf(event)
    pointers.current.set(event.pointerId, now)
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    const by = { x: now.x - before.x, y: now.y - before.y }
    if (other === undefined) return change((zoom, size) => panBy(zoom, by, size))
    const factor = distance(now, other) / (distance(before, other) || 1)
    change((zoom, size) => zoomBy(zoom, factor, placeIn(size, { clientX: other.x, clientY: other.y }), size))
  }
  const release = ({ pointerId }: PointerEvent) => void pointers.current.delete(pointerId)
  const onKeyDown = (event: KeyboardEvent) => {
    const factor = factors[event.key]
    const by = moves[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey || (factor === undefined && by === undefined)) return
    event.preventDefault()
    if (by !== undefined) change((zoom, size) => panBy(zoom, by, size))
    else change((zoom, size) => zoomBy(zoom, factor ?? 1, middle, size))
  }
  const { scale, x, y } = shown
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={setFrame}
        role="group"
        // Moved and magnified by keyboard too.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={t('zoomable', { name })}
        data-scale={scale}
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={release}
        onDoubleClick={(event) =>
          change((zoom, size) =>
            zoom.scale > 1 ? unzoomed : zoomBy(zoom, DOUBLE, placeIn(size, event.nativeEvent), size),
          )
        }
        onKeyDown={onKeyDown}
        className={`absolute inset-0 touch-none overflow-hidden rounded-2xl -outline-offset-2 ${scale > 1 ? 'cursor-grab active:cursor-grabbing' : 'cursor-zoom-in'}`}
      >
        <div className="size-full" style={{ transform: `translate(${x}px, ${y}px) scale(${scale})` }}>
          {children}
        </div>
      </div>
      {scale > 1 && (
        <button
          type="button"
          onClick={() => {
            setShown(unzoomed)
            // The button goes away.
            frame?.focus()
          }}
          className="absolute start-2 top-2 rounded-lg bg-black/65 px-2 py-1 text-sm text-white hover:bg-black/85"
        >
          {t('wholeScreen', { percent: Math.round(scale * 100) })}
        </button>
      )}
    </>
  )
}

const pointOf = ({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point => ({
  x: clientX,
  y: clientY,
})
const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

/** A place on the page, from the middle of a frame. */
function placeIn(
  { left, top, width, height }: DOMRect,
  { clientX, clientY }: { readonly clientX: number; readonly clientY: number },
): Point {
  return { x: clientX - left - width / 2, y: clientY - top - height / 2 }
}
