/** What a page's stand-in for the device's recognizer was asked to do, and how it hears something. */
export interface OwnRecognizer {
  /** What is listened to now. */
  listening: { readonly lang: string; readonly local: boolean; readonly track: string } | undefined
  /** Hears something: what was not final before is replaced. */
  hear(text: string, isFinal: boolean): void
}

/**
 * Runs in a page before its own scripts: its device recognizes speech, which the tests' browser has no model for. English is
 * there, German can be downloaded, nothing else is.
 */
export function ownRecognizer(): void {
  const installed = ['en-US']
  const own: OwnRecognizer = { listening: undefined, hear: () => {} }
  class Recognition extends EventTarget {
    static available({ langs: [lang = ''] }: { readonly langs: readonly string[] }): Promise<string> {
      return Promise.resolve(installed.includes(lang) ? 'available' : lang === 'de-DE' ? 'downloadable' : 'unavailable')
    }
    static install({ langs }: { readonly langs: readonly string[] }): Promise<boolean> {
      installed.push(...langs)
      return Promise.resolve(true)
    }
    lang = ''
    #local = false
    get processLocally() {
      return this.#local
    }
    set processLocally(isLocal: boolean) {
      this.#local = isLocal
    }
    start({ kind, readyState }: MediaStreamTrack): void {
      const results: { isFinal: boolean; 0: { transcript: string } }[] = []
      own.listening = { lang: this.lang, local: this.#local, track: `${kind} ${readyState}` }
      own.hear = (transcript, isFinal) => {
        if (results.at(-1)?.isFinal === false) results.pop()
        results.push({ isFinal, 0: { transcript } })
        this.dispatchEvent(Object.assign(new Event('result'), { resultIndex: results.length - 1, results }))
      }
    }
    stop(): void {
      own.listening = undefined
      this.dispatchEvent(new Event('end'))
    }
  }
  Object.assign(window, { SpeechRecognition: Recognition, own })
}
