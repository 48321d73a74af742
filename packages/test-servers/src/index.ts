export { type Coturn, type CoturnPlace, loopbackPeers, startCoturn } from './coturn.ts'
export type { Exchange } from './exchange.ts'
export { type Mosquitto, startMosquitto } from './mosquitto.ts'
export { type Nginx, type NginxWays, startNginx } from './nginx.ts'
export { findProgram, freePort, isListening, openFolder, requireProgram, ServerProcess } from './program.ts'
export {
  type Redis,
  type RedisCluster,
  type Sentinel,
  startRedis,
  startRedisCluster,
  startSentinel,
  startTlsRedis,
  type TlsRedis,
} from './redis.ts'
