import type { AppChannel } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { useChannel, useLocalMedia, usePeers } from '@patchbay/react'
import { useTranslations } from 'next-intl'
import { useEffect, useEffectEvent, useRef } from 'react'
import { CAPTION_CHANNEL, type Caption, captionOptions, type CaptionMessage } from '@/lib/captions/caption'
import { captionsCode } from '@/lib/captions/captions-code'
import { captionLanguage, sendsCaptions, showsCaptions } from '@/lib/captions/choices'
import { captionReaders, noteReader, TELL_MS, useCaptionReaders } from '@/lib/captions/readers'
import { isActive } from '@/lib/is-active'
import { addToast, closeToast } from '@/lib/toasts'

/** How long the question is shown, in milliseconds. */
const ASKS_MS = 20_000

type Channel = AppChannel<CaptionMessage>

/**
 * Captions: asks the others for theirs while this person reads, and recognizes what this person says while somebody reads and
 * the person lets it be read. @param onOpen opens the choices.
 */
export function useCaptions(onOpen: () => void): void {
  const channel = useChannel<CaptionMessage>(CAPTION_CHANNEL, captionOptions)
  useReaders(channel)
  useReading(channel)
  useDictation(channel)
  useRequests(onOpen)
}

/** Learns who reads, and says again and again that this person does: what is said while a connection breaks gets lost. */
function useReaders(channel: Channel | undefined): void {
  const reads = showsCaptions.use()
  const connected = usePeers()
    .filter(({ link }) => link.phase === 'connected')
    .map(({ info }) => info.id)
    .join(' ')
  useEffect(
    () => channel?.onMessage((message, from) => message.kind === 'reader' && noteReader(from, message.reads)),
    [channel],
  )
  useEffect(() => {
    if (channel === undefined || !reads) return undefined
    return () => void channel.send({ kind: 'reader', reads: false })
  }, [channel, reads])
  useEffect(() => {
    if (channel === undefined || !reads || connected === '') return undefined
    const tell = () => channel.send({ kind: 'reader', reads: true })
    tell()
    const timer = setInterval(tell, TELL_MS)
    return () => clearInterval(timer)
  }, [channel, reads, connected])
}

/** Shows what the others say, while this person wants to read it. */
function useReading(channel: Channel | undefined): void {
  const code = captionsCode.use(showsCaptions.use())
  useEffect(() => {
    if (code === undefined || channel === undefined) return undefined
    const stop = channel.onMessage((message, from) => message.kind === 'caption' && code.showCaption(from, message))
    return () => {
      stop()
      code.clearCaptions()
    }
  }, [code, channel])
}

/** Recognizes what this person says and sends it to those who read. */
function useDictation(channel: Channel | undefined): void {
  const t = useTranslations('Captions')
  const readers = useCaptionReaders()
  const isRead = usePeers().some(({ info }) => readers.has(info.id))
  const language = captionLanguage.use()
  const mayBeRead = sendsCaptions.use()
  const { microphone, stream } = useLocalMedia()?.state ?? {}
  const [track] = stream?.getAudioTracks() ?? []
  const isHeard = isActive(microphone)
  const code = captionsCode.use(mayBeRead && isRead && isHeard)
  const fail = useEffectEvent(() => {
    sendsCaptions.turn(false)
    addToast({ title: t('stopped'), description: t('stoppedText'), type: 'error', priority: 'high' })
  })
  useEffect(() => {
    if (code === undefined || channel === undefined || track === undefined || language === undefined) return undefined
    const heard = (caption: Caption) => {
      // The last words come when it is over; they go nowhere when the person no longer wants them read.
      if (!sendsCaptions.isOn()) return
      for (const id of captionReaders.getSnapshot()) channel.send({ kind: 'caption', ...caption }, id as PeerId)
    }
    return code.dictate(track, language, { heard, failed: () => fail() })
  }, [code, channel, track, language])
}

/** Tells who reads captions to a person who could let theirs be read, once for each of them. */
function useRequests(onOpen: () => void): void {
  const t = useTranslations('Captions')
  const readers = useCaptionReaders()
  const sends = sendsCaptions.use()
  const peers = usePeers()
  const asked = useRef(new Set<string>())
  const ask = useEffectEvent((id: string) => {
    const name = peers.find(({ info }) => info.id === id)?.info.name
    if (name === undefined || sends) return
    const open = () => {
      closeToast(toast)
      onOpen()
    }
    const toast = addToast({
      title: t('asks', { name }),
      description: t('asksText'),
      actionProps: { children: t('open'), onClick: open },
      timeout: ASKS_MS,
    })
  })
  useEffect(() => {
    if (sends) return
    const look = async (id: string) => {
      const { listLanguages } = await captionsCode.load()
      if ((await listLanguages()).length > 0) ask(id)
    }
    for (const id of readers) {
      if (asked.current.has(id)) continue
      asked.current.add(id)
      void look(id).catch(() => asked.current.delete(id))
    }
  }, [readers, sends])
}
