import { expect, test } from 'vitest'
import { browserKind, systemKind } from '../src/lib/browser'

const agents = {
  'Chrome of Windows': [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'chromium',
    'windows',
  ],
  'Edge of a Mac': [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'chromium',
    'mac',
  ],
  'Safari of a Mac': [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    'safari',
    'mac',
  ],
  'Firefox of Linux': ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox', 'other'],
  'Firefox of Android': ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'other', 'other'],
  'Chrome of Android': [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'android',
    'other',
  ],
  'Chrome of an iPhone': [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1',
    'ios',
    'other',
  ],
} as const

test.each(Object.entries(agents))(
  '%s is told apart by where it asks for permissions',
  (_, [agent, browser, system]) => {
    expect([browserKind(agent), systemKind(agent)]).toEqual([browser, system])
  },
)
