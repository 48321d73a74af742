const colors = ['#9a3b12', '#8a5a00', '#3f6212', '#0f6b5c', '#1d5f8a', '#4a4aa8', '#7a3a8c', '#9b2c5a'] as const

/** A person's own color. The same seed has the same color on every page. */
export function colorOf(seed: string): string {
  const sum = [...seed].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7)
  return colors[sum % colors.length] ?? colors[0]
}

/** What stands for a person without a picture: the first letter of their name. */
export function initialOf(name: string): string {
  const [first = '?'] = name
  return first.toLocaleUpperCase()
}
