/** @param {number[]} values */
function median(values) {
  return quantile(values, 0.5)
}

/** @param {number[]} values @param {number} q in [0, 1] */
export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at))
}

/**
 * Median and spread of each target's rounds, and the median of its ratios to the yardstick of the same round.
 * @param {Map<string, number[]>} rounds by target; the same number for each.
 * @param {string} yardstick
 */
export function summarize(rounds, yardstick) {
  const base = rounds.get(yardstick)
  return [...rounds].map(([name, values]) => ({
    name,
    median: median(values),
    low: Math.min(...values),
    high: Math.max(...values),
    ratio: median(values.map((value, i) => value / base[i])),
  }))
}
