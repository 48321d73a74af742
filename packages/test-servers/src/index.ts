export { type Coturn, type CoturnPlace, startCoturn } from './coturn.ts'
export { type Mosquitto, startMosquitto } from './mosquitto.ts'
export { type Nginx, type NginxWays, startNginx } from './nginx.ts'
export { findProgram, freePort } from './program.ts'
