'use client'
import { AUTO } from '@patchbay/core/client'
import { useTranslations } from 'next-intl'
import type { ReactElement, ReactNode } from 'react'
import { useLines } from '@/lib/use-lines'
import { ChoiceMenu } from './ui/menu'

/** The menu for choosing a signaling line. */
export function LineMenu(props: {
  readonly trigger: ReactElement
  readonly children: ReactNode
  readonly choice: string
  readonly onChoose: (choice: string) => void
  readonly footer?: ReactNode
}): ReactNode {
  const t = useTranslations('Line')
  const lines = useLines()
  const choices = [{ value: AUTO, label: t('auto') }, ...lines.map(({ name, label }) => ({ value: name, label }))]
  return (
    <ChoiceMenu
      title={t('title')}
      trigger={props.trigger}
      choices={choices}
      value={props.choice}
      onChoose={props.onChoose}
      footer={props.footer}
    >
      {props.children}
    </ChoiceMenu>
  )
}
