// What takes the place of a payload that nobody can decode.

/** No schema takes it, and it says why it is here. */
export class Undecodable {
  constructor(readonly why: string) {}
}
