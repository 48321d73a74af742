import { useEffect, useState } from 'react'
import type { Size } from './stage-layout'

const noSize: Size = { width: 0, height: 0 }

/** The size of an element's content, in CSS pixels, kept up to date. @returns the size, and the element's `ref`. */
export function useSize(): readonly [Size, (element: Element | null) => void] {
  const [element, setElement] = useState<Element | null>(null)
  const [size, setSize] = useState(noSize)
  useEffect(() => {
    if (element === null) return undefined
    const observer = new ResizeObserver((entries) => {
      const { width, height } = entries.at(-1)?.contentRect ?? noSize
      setSize({ width, height })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [size, setElement]
}
