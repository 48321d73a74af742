import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, test } from 'vitest'

test('the tests run with the React that their project names', () => {
  const wanted = process.env.REACT_VERSION ?? '19'
  expect([version.split('.')[0], domVersion.split('.')[0]]).toEqual([wanted, wanted])
})
