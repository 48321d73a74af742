'use client'
import { Checkbox } from '@base-ui/react/checkbox'
import { Field } from '@base-ui/react/field'
import { MAX_NAME_CODE_POINTS } from '@patchbay/protocol'
import { Check } from 'lucide-react'
import { useTranslations } from 'next-intl'
import type { ComponentProps, ReactNode } from 'react'

/** A labelled text input with its error below it; label and error are linked for screen readers. */
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
        className="h-12 w-full rounded-xl border border-edge bg-ground px-3.5 text-base text-ink placeholder:text-soft/80 data-invalid:border-bad"
      />
      {error !== undefined && (
        <Field.Error match className="text-sm text-bad" role="alert">
          {error}
        </Field.Error>
      )}
    </Field.Root>
  )
}

/** Asks for the name that the others see. */
export function NameField(props: Pick<ComponentProps<typeof TextField>, 'ref' | 'error'>): ReactNode {
  const t = useTranslations('Landing')
  return (
    <TextField
      {...props}
      name="name"
      label={t('nameLabel')}
      placeholder={t('namePlaceholder')}
      autoComplete="nickname"
      maxLength={2 * MAX_NAME_CODE_POINTS}
    />
  )
}

/** A labelled select. */
export function SelectField<V extends string>(props: {
  readonly label: string
  readonly value: V
  readonly choices: readonly { readonly value: V; readonly label: string }[]
  readonly onChoose: (value: V) => void
}): ReactNode {
  return (
    <label className="grid gap-1.5 text-sm font-medium">
      {props.label}
      <select
        value={props.value}
        onChange={(event) => props.onChoose(event.currentTarget.value as V)}
        className="h-11 w-full rounded-xl border border-edge bg-ground px-3 text-base font-normal text-ink"
      >
        {props.choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A labelled check box with a hint. */
export function CheckField(props: { readonly name: string; readonly label: string; readonly hint: string }): ReactNode {
  return (
    <Field.Root name={props.name} className="grid grid-cols-[auto_1fr] items-start gap-x-3 gap-y-0.5">
      <Checkbox.Root className="grid size-6 place-content-center rounded-md border border-edge bg-ground data-checked:border-brass data-checked:bg-brass">
        <Checkbox.Indicator>
          <Check className="size-4 text-on-brass" aria-hidden />
        </Checkbox.Indicator>
      </Checkbox.Root>
      <Field.Label className="text-sm leading-6 font-medium">{props.label}</Field.Label>
      <Field.Description className="col-start-2 text-xs leading-relaxed text-soft">{props.hint}</Field.Description>
    </Field.Root>
  )
}
