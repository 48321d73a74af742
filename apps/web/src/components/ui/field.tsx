'use client'
import { Field } from '@base-ui/react/field'
import type { ComponentProps, ReactNode } from 'react'

/** A labelled text input with its error below it; both are tied to it for screen readers. */
export function TextField({
  label,
  error,
  ...input
}: Omit<ComponentProps<typeof Field.Control>, 'className'> & {
  readonly label: string
  readonly error?: string | undefined
}): ReactNode {
  return (
    <Field.Root invalid={error !== undefined} className="grid gap-1.5">
      <Field.Label className="text-sm font-medium">{label}</Field.Label>
      <Field.Control
        {...input}
        className="h-12 w-full rounded-xl border border-line bg-ground px-3.5 text-base text-ink placeholder:text-soft/80 data-invalid:border-bad"
      />
      {error !== undefined && (
        <Field.Error match className="text-sm text-bad" role="alert">
          {error}
        </Field.Error>
      )}
    </Field.Root>
  )
}
