/** The channel of files on a connection, with the same number at both ends. */
export function openFileChannel(connection: RTCPeerConnection): RTCDataChannel {
  const channel = connection.createDataChannel('files', { negotiated: true, id: 1 })
  channel.binaryType = 'arraybuffer'
  return channel
}
