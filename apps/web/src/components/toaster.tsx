'use client'
import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useEffect } from 'react'
import { connectToaster } from '@/lib/toasts'
import { buttonClass } from './ui/button'

/** Shows toasts in the corner of the page. */
export function Toaster(): ReactNode {
  return (
    <Toast.Provider limit={3} timeout={6_000}>
      <Corner />
    </Toast.Provider>
  )
}

function Corner(): ReactNode {
  const t = useTranslations('App')
  const { toasts, add, close } = Toast.useToastManager()
  useEffect(() => connectToaster({ add, close }), [add, close])
  return (
    <Toast.Portal>
      <Toast.Viewport
        aria-label={t('toasts')}
        className="fixed inset-x-[max(1rem,env(safe-area-inset-left),env(safe-area-inset-right))] top-4 z-50 flex flex-col gap-2 sm:start-auto sm:w-96"
      >
        {toasts.map((toast) => (
          <Toast.Root
            key={toast.id}
            toast={toast}
            className={`rounded-xl border bg-panel p-4 pe-11 text-sm text-ink shadow-lg transition data-limited:hidden data-ending-style:opacity-0 data-starting-style:-translate-y-2 data-starting-style:opacity-0 ${toast.type === 'error' ? 'border-bad' : 'border-line'}`}
          >
            <Toast.Content>
              <Toast.Title className="font-semibold" />
              <Toast.Description className="mt-0.5 text-soft" />
              {toast.actionProps !== undefined && <Toast.Action className={buttonClass({}, 'mt-3 h-9')} />}
              <Toast.Close
                aria-label={t('dismiss')}
                className="absolute end-2.5 top-2.5 grid size-8 place-items-center rounded-lg hover:bg-sunken"
              >
                <X className="size-4" aria-hidden />
              </Toast.Close>
            </Toast.Content>
          </Toast.Root>
        ))}
      </Toast.Viewport>
    </Toast.Portal>
  )
}
