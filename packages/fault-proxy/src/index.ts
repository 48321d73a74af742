export { type Direction, type FaultProxy, type Shape, startFaultProxy } from './fault-proxy.ts'
export { startUnrulyBroker, type UnrulyBroker, type Unruliness } from './unruly-broker.ts'
export { Random } from './random.ts'
