/**
 * A number as it was written in JSON. JSON's own parser turns it into a double, which changes money
 * (`0.10000000000000000001` becomes `0.1`), so bodies are parsed into these and fields read the digits.
 */
export class ExactNumber {
  /** Digits as written, or as they have to be printed: always a valid JSON number. */
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }

  /** JSON.stringify only ever prints these for logs and messages, where a double would mislead: the digits as text. */
  toJSON(): string {
    return this.digits;
  }
}
