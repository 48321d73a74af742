import type { Engine } from '@patchbay/core/engine'

/** One node on the engine under test, and ways to disturb it. */
export interface RigNode {
  /** Not started yet. */
  readonly engine: Engine
  /** Cuts its way to what the nodes share, or mends it. It finds out by itself. */
  cut(isCut: boolean): void | Promise<void>
  /** What is sent to it does not come, while everything else works. */
  deafen(isDeaf: boolean): void | Promise<void>
  /** Puts a text into its inbox that no node has sent. */
  inject(text: string): void | Promise<void>
}

/** An engine under test, as a deployment of its own. */
export interface EngineRig {
  /** One more node. */
  node(): RigNode | Promise<RigNode>
  /** What the nodes share forgets everything, as after a crash without a disk. */
  restartEmpty(): void | Promise<void>
  /** Lets time go by, in milliseconds. */
  wait(ms: number): Promise<void>
  /** Waiting takes no real time: what lasts minutes is tested too. */
  readonly isVirtual?: boolean
  dispose(): void | Promise<void>
}

/** What `testEngine` needs. */
export interface EngineUnderTest {
  readonly name: string
  readonly rig: () => EngineRig | Promise<EngineRig>
}
