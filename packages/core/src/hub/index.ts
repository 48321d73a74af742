export { createLocalDirectory, type Directory, type Member, type Room } from './directory.ts'
export { Hub, type HubEvent, type HubOptions, type HubStats } from './hub.ts'
export { defaultHubLimits, type HubLimits } from './hub-limits.ts'
export { type Rate, TokenBucket } from './token-bucket.ts'
