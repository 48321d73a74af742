export {
  type AppFrame,
  type AppHeader,
  decodeAppFrame,
  encodeAppFrame,
  isChannelName,
  MAX_APP_BYTES,
  payloadOf,
  type RequestFailure,
} from './app-frame.ts'
export {
  type ClientMessage,
  decodeCandidate,
  decodeClientMessage,
  decodeDescription,
  decodeFileMessage,
  decodePeerMessage,
  decodeSealedContent,
  decodeServerMessage,
  encode,
  encodeRelayed,
  encodeRoster,
  encodeShown,
  type FileMessage,
  fitsBytes,
  type PeerMessage,
  type ServerMessage,
} from './codec.ts'
export {
  type CloseCode,
  closeCodeNames,
  closeCodes,
  type CodeMeaning,
  type ErrorCode,
  errorCodeNames,
  errorCodes,
  isRetryable,
} from './codes.ts'
export {
  type ConversationMessage,
  conversationMessageSchemas,
  type ConversationPage,
  type ConversationRequest,
  MAX_MENTIONS,
  MAX_REACTIONS,
  type MessageReference,
  parseConversationMessage,
  parseConversationRequest,
  parseHistory,
  parseStatements,
  type PastMessage,
  type Statement,
} from './conversation-messages.ts'
export { fileMessageSchemas, MAX_CHUNK_BYTES, MAX_FILE_BYTES, MAX_FILE_NAME_LENGTH } from './file-messages.ts'
export { clientMessageSchemas, MAX_TOKEN_LENGTH } from './client-messages.ts'
export { ProtocolError, type ProtocolErrorCode } from './errors.ts'
export {
  createEpoch,
  createInstanceId,
  createPeerSecret,
  createSessionId,
  type Epoch,
  epochSchema,
  type InstanceId,
  parseInstanceId,
  parsePeerSecret,
  parseRoomId,
  type PeerId,
  type PeerSecret,
  randomToken,
  type RoomId,
  type SessionId,
} from './ids.ts'
export {
  type Candidate,
  type Description,
  MAX_FEATURE_NAME,
  MAX_FEATURES,
  MAX_SDP_LENGTH,
  peerMessageSchemas,
  type SealedContent,
} from './peer-messages.ts'
export { MAX_ROSTER, serverMessageSchemas } from './server-messages.ts'
export {
  type Capabilities,
  fullCapabilities,
  type IceServer,
  iceServerSchema,
  LINE_NAME,
  MAX_DURATION_MS,
  MAX_FRAME_BYTES,
  parsePeerInfo,
  type PeerInfo,
  PROTOCOL_VERSION,
  type RemoveReason,
} from './shared-messages.ts'
export { cleanName, isChatText, MAX_CHAT_LENGTH, MAX_NAME_CODE_POINTS } from './text.ts'
