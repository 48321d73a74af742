type Subscribe = (listener: () => void) => () => void

/**
 * Calls a listener at once, and then at most once in `ms` milliseconds, the last time after the last change. A burst of
 * changes, such as the messages of a flood, costs one rendering, not one each.
 */
export function throttle(subscribe: Subscribe, ms: number): Subscribe {
  return (listener) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isDue = false
    const tell = () => {
      isDue = false
      listener()
      timer = setTimeout(() => {
        timer = undefined
        if (isDue) tell()
      }, ms)
    }
    const unsubscribe = subscribe(() => {
      if (timer === undefined) tell()
      else isDue = true
    })
    return () => {
      unsubscribe()
      clearTimeout(timer)
    }
  }
}
