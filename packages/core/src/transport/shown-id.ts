/**
 * The id of a line that both ends know by a random secret, for logs and addresses: its first 8 characters. Whoever has the whole
 * secret can take the line over.
 */
export function shownId(secret: string): string {
  return secret.slice(0, 8)
}
