'use client'
import { Menu } from '@base-ui/react/menu'
import type { PeerId } from '@patchbay/protocol'
import { usePeers } from '@patchbay/react'
import { Paperclip } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useRef } from 'react'
import { buttonClass } from '../ui/button'
import { itemClass } from '../ui/menu'

/** Button to choose files and their receivers. */
export function AttachButton(props: {
  readonly onFiles: (files: readonly File[], to: readonly PeerId[]) => void
}): ReactNode {
  const t = useTranslations('Files')
  const peers = usePeers()
  const input = useRef<HTMLInputElement>(null)
  const target = useRef<readonly PeerId[]>([])
  const everyone = peers.map(({ info }) => info.id)
  const choose = (to: readonly PeerId[]) => {
    target.current = to
    input.current?.click()
  }
  return (
    <>
      <Menu.Root modal={false}>
        <Menu.Trigger
          aria-label={t('attach')}
          disabled={peers.length === 0}
          className={buttonClass({ look: 'plain', size: 'icon' }, 'size-[min(3rem,15vw)] rounded-2xl')}
        >
          <Paperclip className="size-5" aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner sideOffset={8} align="start" side="top" className="z-30 outline-none">
            <Menu.Popup className="max-h-80 min-w-48 max-w-80 overflow-y-auto rounded-xl border border-line bg-panel p-1.5 text-sm text-ink shadow-lg outline-none">
              <Menu.Item className={itemClass} onClick={() => choose(everyone)}>
                {t('toEveryone')}
              </Menu.Item>
              {peers.length > 1 &&
                peers.map(({ info }) => (
                  <Menu.Item key={info.id} className={itemClass} onClick={() => choose([info.id])}>
                    <span className="truncate">
                      {t('to', { name: '' })} <bdi>{info.name}</bdi>
                    </span>
                  </Menu.Item>
                ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
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
