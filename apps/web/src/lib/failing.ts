/** Does something with each of several, at the same time. @returns those with which it failed. Never rejects. */
export async function failing<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<readonly T[]> {
  const results = await Promise.allSettled(all.map(act))
  return all.filter((_, index) => results[index]?.status === 'rejected')
}
