export { type Direction, type FaultProxy, type Shape, startFaultProxy } from './fault-proxy.ts'
export { Random } from './random.ts'
