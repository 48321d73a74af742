'use client'
import { AUTO } from '@patchbay/core/client'
import { useTranslations } from 'next-intl'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { useLines } from '@/lib/use-lines'
import { MenuButton } from './ui/menu'

/** The menu for choosing a signaling line. */
export function LineMenu(props: {
  readonly trigger: ReactElement<ComponentProps<'button'>>
  readonly children: ReactNode
  readonly choice: string
  readonly onChoose: (choice: string) => void
  /** A sentence below the choices. */
  readonly note?: string
}): ReactNode {
  const t = useTranslations('Line')
  const lines = useLines()
  const choices = [{ value: AUTO, label: t('auto') }, ...lines.map(({ name, label }) => ({ value: name, label }))]
  return (
    <MenuButton
      title={t('title')}
      trigger={props.trigger}
      choices={choices}
      value={props.choice}
      onChoose={props.onChoose}
      {...(props.note !== undefined && { note: props.note })}
    >
      {props.children}
    </MenuButton>
  )
}
