/** Waits until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, ms = 15_000): Promise<number> {
  const from = performance.now()
  while (!(await isSo())) {
    if (performance.now() - from > ms) throw new Error(`It is not so after ${ms} ms: ${isSo.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return performance.now() - from
}
