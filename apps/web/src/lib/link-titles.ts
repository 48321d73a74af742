import { cleanTitle, isMessageLink, type MessageLink } from '@patchbay/protocol'

/** Longest HTML that is looked at, in UTF-16 code units: a link, and not a page. */
const MAX_HTML_LENGTH = 20_000

/**
 * The one link in what is pasted or dropped, with the title that its page or program has put on the clipboard. Nothing is fetched.
 * @returns `undefined` if its address is not in the plain text too, which is what lands in the field, or if the title says no more.
 */
export function titledLinkIn(data: DataTransfer): MessageLink | undefined {
  const html = data.getData('text/html')
  if (html === '' || html.length > MAX_HTML_LENGTH) return undefined
  const anchors = [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('a')]
  const [anchor] = anchors
  if (anchor === undefined || anchors.length > 1) return undefined
  const href = addressOf(anchor.getAttribute('href') ?? '')
  const words = data.getData('text/plain').split(/\s+/u)
  const url = words.find((word) => href !== undefined && addressOf(word) === href)
  const link = { url, title: cleanTitle(anchor.textContent) }
  return isMessageLink(link) && !link.url.includes(link.title) ? link : undefined
}

function addressOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).href : undefined
}
