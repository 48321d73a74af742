const KIB = 1_024

/** Text that some transport may not carry as it is. */
export const unicode: readonly string[] = [
  '',
  'plain',
  '{"type":"offer"}\nbody\r\nwith lines\n',
  '日本語 🧑‍🚀 \u0000 é e\u0301 \uFFFD',
  ' '.repeat(100),
  // What a decoder, or a parser of lines, may take for its own.
  '\uFEFF',
  '\uFEFFx',
  'a\u2028b\u2029c\u0085',
  '\r',
]

/**
 * As large as frames may be: escaped, their characters take two or six times as much; and where a transport cuts them into pieces,
 * some piece ends within a character.
 */
export const full: readonly string[] = [
  '\u0001'.repeat(64 * KIB),
  '"\n'.repeat(32 * KIB),
  ...['x', 'xx'].flatMap((before) => [`${before}${'日'.repeat(21_844)}`, `${before}${'🧑'.repeat(16_383)}`]),
]

/** Frames that are sent right before a close: many, and some large. */
export const waiting: readonly string[] = Array.from(
  { length: 50 },
  (_, i) => `${i} ${'w'.repeat(i % 12 === 0 ? 32 * KIB : i)}`,
)
