'use client'
import { hasShownKey, type PeerView } from '@patchbay/core/mesh'
import type { PeerId } from '@patchbay/protocol'
import { usePeers } from '@patchbay/react'
import { Paperclip } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { Button } from '../ui/button'
import { MenuButton } from '../ui/menu'
import { asBdi } from './as-bdi'

/** Button to choose files and their receivers; `undefined`: everyone who is here once the files are chosen. */
export function AttachButton(props: {
  readonly onFiles: (files: readonly File[], to: readonly PeerId[] | undefined) => void
}): ReactNode {
  const t = useTranslations('Files')
  const peers = usePeers().filter(hasShownKey)
  const input = useRef<HTMLInputElement>(null)
  const target = useRef<readonly PeerId[]>(undefined)
  const choose = (to?: readonly PeerId[]) => {
    target.current = to
    input.current?.click()
  }
  const toOne = ({ info }: PeerView) => ({
    key: info.id,
    label: t.rich('toOne', { name: info.name, bdi: asBdi }),
    act: () => choose([info.id]),
  })
  return (
    <>
      <MenuButton
        title={t('attach')}
        side="top"
        trigger={
          <Button
            size="icon"
            aria-label={t('attach')}
            // Keeps the focus when the last other person leaves.
            aria-disabled={peers.length === 0}
            className="size-[min(3rem,15vw)] rounded-2xl"
          />
        }
        actions={[
          { key: 'everyone', label: t('toEveryone'), act: () => choose() },
          ...(peers.length > 1 ? peers.map(toOne) : []),
        ]}
      >
        <Paperclip className="size-5" aria-hidden />
      </MenuButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        onChange={({ target: element }) => {
          props.onFiles([...(element.files ?? [])], target.current)
          element.value = ''
        }}
      />
    </>
  )
}
