import type { Clock } from '../transport/index.ts'

/** @throws what `act` throws, or an error when it takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, act: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const answer = act()
    const stopTimer = clock.after(ms, () => reject(new Error(`No answer in ${ms} ms.`)))
    answer.then(
      (value) => {
        stopTimer()
        resolve(value)
      },
      (error: unknown) => {
        stopTimer()
        reject(error)
      },
    )
  })
}
