// Work that may touch many rows is cut into steps: each step belongs to one commit, and others' commits come in between.

/** What an operation returns instead of its result when there is more to do: the next step starts from `from`. */
export class Unfinished<Position> {
  readonly from: Position;
  constructor(from: Position) {
    this.from = from;
  }
}
