import { parseRoomId } from '@patchbay/protocol'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { RoomGate } from '@/components/room/room-gate'

export const metadata: Metadata = { robots: { index: false } }

export default async function RoomPage({ params }: PageProps<'/r/[room]'>): Promise<ReactNode> {
  const { room } = await params
  // A room id has no character that is ever encoded, so one that is encoded is not a room id.
  const id = parseRoomId(room)
  if (id === undefined) notFound()
  return <RoomGate room={id} />
}
