/** Why a request is refused: an HTTP status and what to do about it. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
