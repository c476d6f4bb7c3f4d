/** An invariant that a schedule broke. */
export class ModelViolation extends Error {
  override readonly name = 'ModelViolation';

  constructor(readonly invariant: string, readonly detail: string) {
    super(`${invariant}: ${detail}`);
  }
}
