// What takes the place of a payload that nobody can decode.

/** No schema takes it, and it says why it is here. With another key this worker, or another one, could decode it. */
export class Undecodable {
  constructor(
    readonly why: string,
    readonly lacksKey = false,
  ) {}
}
