const MAPPED_V4: RegExp = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i

/**
 * What limits by address count by: an IPv4 address, or the first 64 bits of an IPv6 address, since one subscriber has all
 * that lie below them (RFC 6177 §2). Anything else is taken as it is.
 */
export function networkOf(address: string): string {
  const mapped = MAPPED_V4.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':') || !/^[\da-f:.%a-z]+$/i.test(address)) return address
  const [before = '', after] = address.split('%', 1)[0]?.split('::') ?? []
  const head = before === '' ? [] : before.split(':')
  const tail = after === undefined || after === '' ? [] : after.split(':')
  const zeros = Array.from({ length: after === undefined ? 0 : Math.max(0, 8 - head.length - tail.length) }, () => '0')
  const groups = [...head, ...zeros, ...tail].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
  return `${groups.join(':')}::/64`
}
