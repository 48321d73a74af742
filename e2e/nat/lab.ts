import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The NAT between a home and the internet (RFC 4787 §4.1, §5). */
export type NatKind =
  /** No NAT: the home has a public address. */
  | 'none'
  /** One mapping for all destinations, open to any sender: a full cone. */
  | 'open'
  /** One mapping for all destinations, open only to endpoints that were sent to: a port-restricted cone. */
  | 'cone'
  /** A different mapping for each destination. */
  | 'symmetric'
  /** A cone that blocks UDP. */
  | 'no-udp'
  /** A cone that lets only TCP to a few ports through. */
  | 'tcp-443'

/** Ports open where only TCP 443 is: the TURN server's, and the ones that stand in for the sites' own 443. */
const OPEN_PORTS = '443, 8080-8083, 4000-4003'

const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' })

/**
 * Disables IPv6: an address is autoconfigured seconds after a link comes up, and Chromium then aborts whatever it is
 * loading (ERR_NETWORK_CHANGED).
 */
function addNamespace(name: string): void {
  ip('netns', 'add', name)
  const off = ['all', 'default'].map((which) => `net.ipv6.conf.${which}.disable_ipv6=1`)
  ip('netns', 'exec', name, 'sysctl', '-qew', ...off)
}

/** A home network behind its own NAT, connected to the lab's internet. */
export class Home {
  readonly #nat: string
  readonly #inside: string
  readonly #kind: NatKind
  readonly #cable: string
  /** Path of a wrapper program that starts the browser inside the home. */
  readonly browser: string

  /** @param lab prefix of namespaces. @param number below 100, not used recently. @param chromium path of a browser. */
  constructor(lab: string, number: number, kind: NatKind, chromium: string) {
    this.#kind = kind
    this.#nat = `${lab}-nat${number}`
    this.#inside = `${lab}-home${number}`
    this.#cable = `to${number}`
    try {
      addNamespace(this.#inside)
      ip('-n', this.#inside, 'link', 'set', 'lo', 'up')
      if (kind === 'none') this.#plug(this.#inside, `203.0.113.${10 + number}`)
      else this.#build(number)
    } catch (error) {
      this.close()
      throw error
    }
    this.browser = join(mkdtempSync(join(tmpdir(), 'patchbay-home-')), 'chromium')
    writeFileSync(this.browser, `#!/bin/sh\nexec ip netns exec ${this.#inside} ${chromium} "$@"\n`)
    chmodSync(this.browser, 0o755)
  }

  /** Disconnects the home, or reconnects it. */
  setCut(cut: boolean): void {
    if (cut) this.#rules('table ip cut { chain forward { type filter hook forward priority -10; policy drop; } }')
    else this.#rules('delete table ip cut')
  }

  /** Limits the home's uplink to this many kbit/s, with a 400 ms queue as in home routers; `undefined` resets it. */
  setUplink(kbit: number | undefined): void {
    const shape = kbit === undefined ? ['del'] : ['replace']
    const rate = kbit === undefined ? [] : ['tbf', 'rate', `${kbit}kbit`, 'burst', '8kb', 'latency', '400ms']
    execFileSync('tc', ['-n', this.#nat, 'qdisc', ...shape, 'dev', 'wan', 'root', ...rate])
  }

  /** Changes the home's public address, as a provider may. */
  changeAddress(): void {
    const [before = ''] = /203\.0\.113\.\d+/.exec(ip('-n', this.#nat, '-4', 'address', 'show', 'dev', 'wan')) ?? []
    const after = `203.0.113.${Number(before.split('.')[3]) + 100}`
    ip('-n', this.#nat, 'address', 'delete', `${before}/24`, 'dev', 'wan')
    ip('-n', this.#nat, 'address', 'add', `${after}/24`, 'dev', 'wan')
  }

  /** Removes the home's network; programs still running in it continue without one. */
  close(): void {
    // Deleting a namespace takes a while, but the link and its address may be needed again at once.
    spawnSync('ip', ['link', 'delete', this.#cable])
    for (const namespace of [this.#inside, this.#nat]) spawnSync('ip', ['netns', 'delete', namespace])
  }

  #build(number: number): void {
    addNamespace(this.#nat)
    ip('-n', this.#nat, 'link', 'set', 'lo', 'up')
    this.#plug(this.#nat, `203.0.113.${10 + number}`)
    const [router, host] = [`192.168.${number}.1`, `192.168.${number}.2`]
    ip('-n', this.#nat, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth', 'netns', this.#inside)
    ip('-n', this.#nat, 'address', 'add', `${router}/24`, 'dev', 'lan')
    ip('-n', this.#nat, 'link', 'set', 'lan', 'up')
    ip('-n', this.#inside, 'address', 'add', `${host}/24`, 'dev', 'eth')
    ip('-n', this.#inside, 'link', 'set', 'eth', 'up')
    ip('-n', this.#inside, 'route', 'add', 'default', 'via', router)
    ip('netns', 'exec', this.#nat, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
    const masquerade = this.#kind === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade'
    this.#rules(`table ip nat {
      chain out { type nat hook postrouting priority 100; oifname wan ${masquerade}; }
      ${this.#kind === 'open' ? `chain in { type nat hook prerouting priority -100; iifname wan meta l4proto udp dnat to ${host}; }` : ''}
    }`)
    // An unsolicited packet would otherwise occupy the port mapping that the reply needs.
    if (this.#kind !== 'open')
      this.#rules(
        'table ip unasked { chain input { type filter hook input priority 0; iifname wan meta l4proto udp drop; } }',
      )
    if (this.#kind === 'no-udp') this.#forward('meta l4proto udp drop;')
    if (this.#kind === 'tcp-443') this.#forward(`ct state established accept; tcp dport {${OPEN_PORTS}} accept; drop;`)
  }

  /** Creates a link: one end in a namespace, as `wan`, the other in the internet's bridge. */
  #plug(namespace: string, address: string): void {
    ip('link', 'add', this.#cable, 'type', 'veth', 'peer', 'name', 'wan', 'netns', namespace)
    ip('link', 'set', this.#cable, 'master', 'net', 'up')
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'wan')
    ip('-n', namespace, 'link', 'set', 'wan', 'up')
  }

  #forward(rules: string): void {
    this.#rules(`table ip forwarding { chain forward { type filter hook forward priority 0; ${rules} } }`)
  }

  #rules(text: string): void {
    // nft requires a closing brace on a separate line.
    execFileSync('ip', ['netns', 'exec', this.#nat, 'nft', '-f', '-'], { input: text.replaceAll(' }', '\n}') })
  }
}
