/** How much of something is of whom. */
export class Shares {
  readonly #shares = new Map<string, number>()
  #total = 0

  get total(): number {
    return this.#total
  }

  of(person: string): number {
    return this.#shares.get(person) ?? 0
  }

  add(person: string, amount: number): void {
    const share = this.of(person) + amount
    this.#total += amount
    if (share === 0) this.#shares.delete(person)
    else this.#shares.set(person, share)
  }

  /** Whoever has the most; empty if nobody has anything. */
  get heaviest(): string {
    let heaviest = ''
    for (const [person, share] of this.#shares) if (share > this.of(heaviest)) heaviest = person
    return heaviest
  }
}
