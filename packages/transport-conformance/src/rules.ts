import { DialError } from '@patchbay/core/transport'
import { expect } from 'vitest'
import { isEnd, type RecordedEnd, Recorder } from './recorder.ts'
import type { Rig } from './rig.ts'
import { full, unicode, waiting } from './texts.ts'
import type { Rule, World } from './world.ts'

const KIB = 1_024

/** The transport contract, docs/transport-contract.md, rule by rule. */
export const transportRules: readonly Rule[] = [
  {
    id: 'T1',
    title: 'both ends agree on the id of the line',
    async run({ dial, connect }) {
      const { client, far, server } = await connect()
      expect(far.connection.id).toBe(client.connection.id)
      const other = await dial()
      expect((await server.line(1)).connection.id).toBe(other.connection.id)
      expect(other.connection.id).not.toBe(client.connection.id)
    },
  },

  {
    id: 'T2',
    title: 'frames arrive once, whole and in order, both ways',
    async run({ connect }) {
      const { client, far } = await connect()
      const numbered = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(i * 7)}`)
      const sent = [...unicode, ...numbered, 'é'.repeat(32 * KIB - 10), ...full, 'y'.repeat(64 * KIB)]
      for (const [index, text] of sent.entries()) {
        client.connection.send(text)
        far.connection.send(text)
        // Pauses now and then, so that neither side exceeds the limit for a slow reader.
        if (index % 50 === 49 || full.includes(text))
          await Promise.all([client.heard.untilFrames(index + 1), far.heard.untilFrames(index + 1)])
      }
      await Promise.all([client.heard.untilFrames(sent.length), far.heard.untilFrames(sent.length)])
      await settle()
      expect(far.heard.log).toEqual(sent)
      expect(client.heard.log).toEqual(sent)
    },
  },

  {
    id: 'T2',
    title: 'a line that was silent for a second is open, and loses no frame',
    async run({ connect }) {
      const { client, far } = await connect()
      await sleep(SILENCE_MS)
      client.connection.send('up')
      far.connection.send('down')
      await Promise.all([client.heard.untilFrames(1), far.heard.untilFrames(1)])
      await settle()
      expect([client.heard.log, far.heard.log]).toEqual([['down'], ['up']])
    },
  },

  {
    id: 'T3',
    title: 'a close by the client is local at the client and remote at the server, once each, after earlier frames',
    async run(world) {
      const { client, far } = await world.connect()
      await endsOnce(world, client, far)
    },
  },

  {
    id: 'T4',
    title: 'a close by the server is local at the server and remote at the client, once each, after earlier frames',
    async run(world) {
      const { client, far } = await world.connect()
      await endsOnce(world, far, client)
    },
  },

  {
    id: 'T4',
    title: 'a server may close a line while it accepts it',
    async run({ rig, dial, serve, waitMs }) {
      const server = serve((connection) => {
        connection.send('last words')
        connection.close()
      })
      const client = await dial()
      const far = await server.line(0)
      await Promise.all([client.heard.untilClosed(), far.heard.untilClosed()])
      await settle()
      expect(far.heard.log).toEqual([{ close: 'local' }])
      expect(client.heard.log).toEqual(['last words', { close: 'remote' }])
      await nothingLeft(rig, waitMs)
    },
  },

  {
    id: 'T5',
    title: 'after the end send is a no-op and no frame is delivered',
    async run({ connect }) {
      const { client, far } = await connect()
      far.connection.send('under way')
      client.connection.close()
      far.connection.send('too late')
      expect(() => client.connection.send('nobody hears')).not.toThrow()
      await far.heard.untilClosed()
      expect(() => far.connection.send('nobody hears')).not.toThrow()
      await settle()
      expect(client.heard.log).toEqual([{ close: 'local' }])
      expect(far.heard.log).toEqual([{ close: 'remote' }])
    },
  },

  {
    id: 'T5',
    title: 'an end that closes inside `frame` receives no frame of those that came with it',
    async run({ dial, serve }) {
      const server = serve()
      for (const [index, closer] of ['client', 'server'].entries()) {
        const client = await dial()
        const far = await server.line(index)
        const [here, there] = closer === 'client' ? [client, far] : [far, client]
        here.heard.onFrame = () => here.connection.close()
        for (const text of ['a', 'b', 'c']) there.connection.send(text)
        await there.heard.untilClosed()
        await settle()
        expect(here.heard.log, closer).toEqual(['a', { close: 'local' }])
        expect(there.heard.log).toEqual([{ close: 'remote' }])
      }
    },
  },

  {
    id: 'T6',
    title: 'dialing with an aborted signal rejects with its reason',
    async run({ rig, dial, serve }) {
      const server = serve()
      const reason = new Error('changed my mind')
      await expect(dial(AbortSignal.abort(reason))).rejects.toBe(reason)
      expect(server.ends).toHaveLength(0)
      expect(rig.openHandles()).toBe(0)
    },
  },

  {
    id: 'T6',
    title: 'aborting mid-dial, however far it is, rejects with the reason and leaves nothing behind',
    async run({ rig, dial, serve, waitMs }) {
      const server = serve()
      const reason = new Error('changed my mind')
      const abandoned: Recorder[] = []
      for (const afterMs of ABORT_AFTER_MS) {
        const controller = new AbortController()
        const heard = new Recorder(waitMs)
        let isOver = false
        const dialing = dial(controller.signal, heard)
          .catch((error: unknown) => error)
          .finally(() => (isOver = true))
        if (afterMs > 0) await sleep(afterMs)
        const wasOver = isOver
        controller.abort(reason)
        const outcome = await dialing
        // It may have been open by then.
        if (wasOver && isEnd(outcome)) outcome.connection.close()
        else {
          expect(outcome).toBe(reason)
          abandoned.push(heard)
        }
        await nothingLeft(rig, waitMs)
      }
      // If the server half has opened a line nevertheless, it must be told that the client is gone.
      await Promise.all(server.ends.map((end) => end.heard.untilClosed()))
      await settle()
      expect(abandoned.flatMap(({ closes }) => closes)).toEqual([])
    },
  },

  {
    id: 'T6',
    title: 'aborting after the dial leaves the line as it is',
    async run({ dial, serve }) {
      const server = serve()
      const controller = new AbortController()
      const client = await dial(controller.signal)
      const far = await server.line(0)
      controller.abort(new Error('too late'))
      await settle()
      client.connection.send('up')
      far.connection.send('down')
      await Promise.all([client.heard.untilFrames(1), far.heard.untilFrames(1)])
      expect([client.heard.log, far.heard.log]).toEqual([['down'], ['up']])
    },
  },

  {
    id: 'T7',
    title: 'frames the server sends while it accepts arrive, in order, before those it sends right after',
    async run({ dial, serve }) {
      const server = serve((connection) => {
        for (const text of ['a', 'b', 'c']) connection.send(text)
        queueMicrotask(() => connection.send('d'))
      })
      const client = await dial()
      await client.heard.untilFrames(4)
      expect(client.heard.log).toEqual(['a', 'b', 'c', 'd'])
      expect(server.ends).toHaveLength(1)
    },
  },

  {
    id: 'T8',
    title: 'a line does not receive the frames of another',
    async run({ dial, serve }) {
      const server = serve()
      const clients = await Promise.all([dial(), dial(), dial()])
      const fars = await Promise.all([server.line(0), server.line(1), server.line(2)])
      for (const { connection } of clients) connection.send(`from ${connection.id}`)
      for (const { connection } of fars) connection.send(`to ${connection.id}`)
      for (const { connection, heard } of clients) {
        await heard.untilFrames(1)
        expect(heard.log).toEqual([`to ${connection.id}`])
      }
      for (const { connection, heard } of fars) {
        await heard.untilFrames(1)
        expect(heard.log).toEqual([`from ${connection.id}`])
      }
    },
  },

  {
    id: 'T9',
    title: 'dialing where nothing listens rejects with DialError',
    async run({ rig, waitMs }) {
      const heard = new Recorder(waitMs)
      const dialing = rig.nobody.dial(heard, { signal: new AbortController().signal })
      await expect(dialing).rejects.toBeInstanceOf(DialError)
      await settle()
      expect(heard.log).toEqual([])
      await nothingLeft(rig, waitMs)
    },
  },

  {
    id: 'T10',
    title: 'a broken line is reported lost within the stated time, at both ends',
    async run({ rig, connect, traits, waitMs }) {
      const { client, far } = await connect()
      await rig.breakLine()
      await Promise.all([client.heard.untilClosed(traits.lostWithinMs), far.heard.untilClosed(traits.lostWithinMs)])
      for (const { connection } of [client, far]) {
        expect(() => connection.send('nobody hears')).not.toThrow()
        connection.close()
      }
      await settle()
      expect(client.heard.log).toEqual([{ close: 'lost' }])
      expect(far.heard.log).toEqual([{ close: 'lost' }])
      await nothingLeft(rig, waitMs)
    },
  },

  {
    id: 'T11',
    title: 'closing the listener ends every line and then refuses dials',
    async run({ rig, dial, serve, waitMs }) {
      const server = serve()
      const clients = await Promise.all([dial(), dial()])
      const fars = await Promise.all([server.line(0), server.line(1)])
      for (const { connection } of fars) for (const text of waiting) connection.send(text)
      await rig.listener.close()
      await Promise.all([...clients, ...fars].map((end) => end.heard.untilClosed()))
      for (const { heard } of clients) expect(heard.log).toEqual([...waiting, { close: 'remote' }])
      expect(fars.map((end) => end.heard.closes)).toEqual([['local'], ['local']])
      await expect(dial()).rejects.toBeInstanceOf(DialError)
      await nothingLeft(rig, waitMs)
    },
  },

  {
    id: 'T12',
    title: 'an oversize frame, either way, ends that line only',
    async run({ rig, dial, serve }) {
      const server = serve()
      const bystander = await dial()
      const far = await server.line(0)
      const client = await dial()
      const offender = await server.line(1)
      rig.sendOversize(64 * KIB + 1)
      await Promise.all([client.heard.untilClosed(), offender.heard.untilClosed()])
      expect(offender.heard.frames).toEqual([])
      // So many bytes, not characters. Either half may notice.
      const wide = await dial()
      const sender = await server.line(2)
      wide.connection.send('é'.repeat(32 * KIB + 1))
      await Promise.all([wide.heard.untilClosed(), sender.heard.untilClosed()])
      expect(sender.heard.frames).toEqual([])
      const reader = await dial()
      const writer = await server.line(3)
      writer.connection.send('é'.repeat(32 * KIB + 1))
      await Promise.all([reader.heard.untilClosed(), writer.heard.untilClosed()])
      expect(reader.heard.frames).toEqual([])
      bystander.connection.send('still here')
      await far.heard.untilFrames(1)
      expect(bystander.heard.closes).toEqual([])
    },
  },

  {
    id: 'T13',
    title: 'a client that stops reading is cut before 32 MiB wait for it',
    async run({ rig, dial, connect }) {
      const { server, client, far } = await connect()
      await dial()
      const slow = await server.line(1)
      rig.freezeClient()
      const text = 'z'.repeat(32 * KIB)
      let sent = 0
      while (slow.heard.closes.length === 0 && sent < MAX_BUFFERED) {
        slow.connection.send(text)
        sent += text.length
        if (sent % (KIB * KIB) === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await settle()
      expect(slow.heard.closes, 'closed before 32 MiB waited').toEqual(['lost'])
      client.connection.send('still here')
      await far.heard.untilFrames(1)
      expect(client.heard.closes).toEqual([])
    },
  },

  {
    id: 'T14',
    title: 'nobody but the two ends speaks on a line, or ends it',
    async run({ rig, connect }) {
      const { client, far } = await connect()
      await rig.intrude(client.connection.id, 'from a stranger')
      client.connection.send('to the server')
      far.connection.send('to the client')
      await Promise.all([client.heard.untilFrames(1), far.heard.untilFrames(1)])
      await settle()
      expect(far.heard.log).toEqual(['to the server'])
      expect(client.heard.log).toEqual(['to the client'])
    },
  },
]

/**
 * What may wait for a client that stops reading (T13), in bytes: a transport's own buffer, and those of the operating
 * systems and proxies on the way, of some megabytes each.
 */
const MAX_BUFFERED = 32 * KIB * KIB

/** When dials are aborted, in milliseconds after they began: at each of the steps that a line may take to open. */
const ABORT_AFTER_MS = [0, 1, 3, 8, 20]
/** Silence on a line that nothing may come of, in milliseconds: shorter than what is between two heartbeats. */
const SILENCE_MS = 1_000
/** What must not happen would have happened by then, on a path within one machine, in milliseconds. */
const SETTLE_MS = 100

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Waits long enough for an event that must not happen. */
const settle = () => sleep(SETTLE_MS)

/** Closes one end while frames of it are waiting, then both, once more. */
async function endsOnce({ rig, waitMs }: World, closing: RecordedEnd, other: RecordedEnd): Promise<void> {
  for (const text of waiting) closing.connection.send(text)
  closing.connection.close()
  expect(closing.heard.log, 'when close has returned').toEqual([{ close: 'local' }])
  closing.connection.close()
  await Promise.all([closing.heard.untilClosed(), other.heard.untilClosed()])
  for (const { connection } of [closing, other]) connection.close()
  await settle()
  expect(closing.heard.log).toEqual([{ close: 'local' }])
  expect(other.heard.log).toEqual([...waiting, { close: 'remote' }])
  await nothingLeft(rig, waitMs)
}

/** Waits until the client's side has nothing open. */
const nothingLeft = (rig: Rig, waitMs: number) => expect.poll(() => rig.openHandles(), { timeout: waitMs }).toBe(0)
