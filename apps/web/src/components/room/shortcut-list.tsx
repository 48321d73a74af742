'use client'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { floatingIn } from '@/lib/floating'
import { shortcuts, singleKeys } from '@/lib/shortcuts'

/** What keys do, and whether they do it. */
export function ShortcutList(): ReactNode {
  const t = useTranslations('Keys')
  const listed = Object.entries(shortcuts).filter(
    ([, action]) => action !== 'float' || floatingIn(window) !== undefined,
  )
  const areOn = singleKeys.use()
  return (
    <div className="grid gap-4 text-sm">
      <p className="leading-relaxed text-soft">{t('text')}</p>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2">
        {listed.map(([key, action]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="inline-block min-w-8 rounded-md border border-edge bg-sunken px-2 py-1 text-center font-sans">
                {key === ' ' ? t('space') : key.toUpperCase()}
              </kbd>
            </dt>
            <dd>{t(action)}</dd>
          </div>
        ))}
      </dl>
      <label className="flex items-center gap-3 border-t border-line pt-4 font-medium">
        <input
          type="checkbox"
          checked={areOn}
          onChange={({ currentTarget }) => singleKeys.turn(currentTarget.checked)}
          className="size-5 accent-brass"
        />
        {t('enabled')}
      </label>
    </div>
  )
}
