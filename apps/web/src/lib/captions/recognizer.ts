/** The part of `SpeechRecognition` (W3C Web Speech API) that is used here: the platform's types do not have it. */
export interface Recognition extends EventTarget {
  lang: string
  continuous: boolean
  interimResults: boolean
  /** Whether what is heard must not leave the device. */
  processLocally: boolean
  addEventListener<K extends keyof RecognitionEvents>(type: K, listener: (event: RecognitionEvents[K]) => void): void
  /** @throws {DOMException} when the track has ended. */
  start(track: MediaStreamTrack): void
  stop(): void
}
interface RecognitionEvents {
  readonly result: Event & { readonly resultIndex: number; readonly results: Results }
  readonly error: Event & { readonly error: string }
  readonly end: Event
}
type Results = ArrayLike<{ readonly isFinal: boolean; readonly 0?: { readonly transcript: string } }>

interface RecognitionClass {
  new (): Recognition
  readonly prototype: object
  available(options: Options): Promise<Availability>
  install(options: Options): Promise<boolean>
}
interface Options {
  readonly langs: readonly string[]
  readonly processLocally: true
}
type Availability = 'available' | 'downloadable' | 'downloading' | 'unavailable'

/** A language that the browser can recognize on the device. */
export interface Language {
  /** Its tag (BCP 47). */
  readonly tag: string
  /** Whether it can be used now; otherwise the browser has to download it first. */
  readonly isInstalled: boolean
}

/** Languages that browsers are asked about: they do not list theirs. */
const asked =
  'ar-SA cs-CZ da-DK de-DE en-AU en-GB en-IN en-US es-ES es-US fi-FI fr-CA fr-FR hi-IN id-ID it-IT ja-JP ko-KR nb-NO nl-NL pl-PL pt-BR pt-PT ru-RU sv-SE th-TH tr-TR uk-UA vi-VN zh-CN zh-TW'.split(
    ' ',
  )

/** Recognition on the device, where the browser has it: others would send what they hear to a server. */
function recognitionClass(): RecognitionClass | undefined {
  const { SpeechRecognition, webkitSpeechRecognition } = window as {
    readonly SpeechRecognition?: Partial<RecognitionClass>
    readonly webkitSpeechRecognition?: Partial<RecognitionClass>
  }
  const found = SpeechRecognition ?? webkitSpeechRecognition
  const isLocal = found?.available !== undefined && found.prototype !== undefined && 'processLocally' in found.prototype
  return isLocal ? (found as RecognitionClass) : undefined
}

const optionsFor = (tag: string): Options => ({ langs: [tag], processLocally: true })

/** Languages that this browser recognizes on this device, or would after a download; none where it recognizes nothing here. */
export async function listLanguages(): Promise<readonly Language[]> {
  const found = recognitionClass()
  if (found === undefined) return []
  const answers = await Promise.all(
    asked.map(async (tag) => ({ tag, is: await found.available(optionsFor(tag)).catch(() => 'unavailable') })),
  )
  return answers
    .filter(({ is }) => is !== 'unavailable')
    .map(({ tag, is }) => ({ tag, isInstalled: is === 'available' }))
}

/** Has the browser download a language. @returns whether it is there now. Some browsers never answer. */
export async function installLanguage(tag: string): Promise<boolean> {
  try {
    return (await recognitionClass()?.install(optionsFor(tag))) ?? false
  } catch {
    return false
  }
}

/** @throws {Error} where the browser recognizes nothing on the device. */
export function createRecognition(tag: string): Recognition {
  const Found = recognitionClass()
  if (Found === undefined) throw new Error('This browser does not recognize speech on the device.')
  const made = new Found()
  return Object.assign(made, { lang: tag, continuous: true, interimResults: true, processLocally: true })
}

/** The language that fits best what the person prefers, most preferred first. */
export function fittingLanguage(languages: readonly Language[], preferred: readonly string[]): string | undefined {
  const base = (tag: string) => tag.split('-', 1)[0]
  for (const wish of preferred) {
    const exact = languages.find(({ tag }) => tag === wish)
    const near = languages.filter(({ tag }) => base(tag) === base(wish))
    const found = exact ?? near.find(({ isInstalled }) => isInstalled) ?? near[0]
    if (found !== undefined) return found.tag
  }
  return languages[0]?.tag
}
