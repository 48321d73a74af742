import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchFileDrag } from '../src/lib/file-drag'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const node = {}

function watch() {
  const page = new EventTarget()
  const seen = { isOver: false, dropped: 0 }
  const end = watchFileDrag(
    page,
    (isOver) => (seen.isOver = isOver),
    (files) => (seen.dropped += files.length),
  )
  const fire = (type: string, relatedTarget: object | null = null, kind = 'Files') => {
    const dataTransfer = { types: [kind], files: [{}] }
    const event = Object.assign(new Event(type, { cancelable: true }), { dataTransfer, relatedTarget })
    page.dispatchEvent(event)
    return event.defaultPrevented
  }
  return { seen, fire, end }
}

test('files are over the page from one element to the next, until they are dropped or the page is left', () => {
  const { seen, fire } = watch()
  fire('dragenter')
  expect(seen.isOver).toBe(true)
  fire('dragenter', node)
  fire('dragleave', node)
  expect(seen.isOver).toBe(true)
  fire('dragleave')
  vi.advanceTimersByTime(100)
  expect(seen.isOver).toBe(false)
  expect(fire('dragover')).toBe(true)
  expect(seen.isOver).toBe(true)
  expect(fire('drop')).toBe(true)
  expect(seen).toEqual({ isOver: false, dropped: 1 })
})

test('an element that goes away under the pointer, which tells of no leave, does not keep files over the page', () => {
  const { seen, fire } = watch()
  fire('dragenter')
  for (let i = 0; i < 5; i += 1) {
    vi.advanceTimersByTime(550)
    fire('dragover')
    expect(seen.isOver).toBe(true)
  }
  // The element with the pointer is removed, and the pointer leaves the page from the one below.
  fire('dragenter', node)
  fire('dragleave')
  vi.advanceTimersByTime(100)
  expect(seen.isOver).toBe(false)
  fire('dragover')
  vi.advanceTimersByTime(1_000)
  expect(seen.isOver, 'nothing tells of the end').toBe(false)
})

test('a browser that does not say which element is entered keeps files over the page from one to the next', () => {
  const { seen, fire } = watch()
  fire('dragenter')
  for (let i = 0; i < 5; i += 1) {
    fire('dragenter')
    fire('dragleave')
    expect(seen.isOver).toBe(true)
    vi.advanceTimersByTime(50)
    fire('dragover')
  }
  expect(seen.isOver).toBe(true)
})

test('text that is dragged is no file', () => {
  const { seen, fire, end } = watch()
  expect(fire('dragover', null, 'text/plain')).toBe(false)
  expect(fire('drop', null, 'text/plain')).toBe(false)
  expect(seen).toEqual({ isOver: false, dropped: 0 })
  end()
  fire('dragover')
  expect(seen.isOver).toBe(false)
})
