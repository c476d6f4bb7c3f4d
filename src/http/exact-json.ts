import { ExactNumber } from '../schema/exact-number.js';

/** Deeper bodies than this are no request of ours; the bound keeps the parser's own stack small. */
const MAX_DEPTH = 40;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[\t\n\r ]*/y;
/** Raw text of a string up to its closing quote; control characters have to be escaped. */
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** What a JSON text holds, with every number as the digits that were written. */
export type ExactJson = null | boolean | string | ExactNumber | readonly ExactJson[] | { readonly [key: string]: ExactJson };

/**
 * Parses JSON without turning numbers into doubles. Stricter than JSON.parse in three points: a key given twice, a key
 * named `__proto__` and more than 40 levels are refused. Throws JsonSyntaxError.
 */
export function parseExactJson(text: string): ExactJson {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): ExactJson {
    if (depth > MAX_DEPTH) throw new JsonSyntaxError(`more than ${MAX_DEPTH} levels deep`);
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  #object(depth: number): ExactJson {
    const object: Record<string, ExactJson> = {};
    this.#at += 1;
    this.#skipSpace();
    if (this.#take('}')) return object;
    do {
      this.#skipSpace();
      if (this.#text[this.#at] !== '"') throw this.#unexpected();
      const key = this.#string();
      if (key === '__proto__') throw new JsonSyntaxError('the key __proto__ is not allowed');
      if (Object.hasOwn(object, key)) throw new JsonSyntaxError(`the key ${JSON.stringify(key.slice(0, 60))} is there twice`);
      this.#skipSpace();
      if (!this.#take(':')) throw this.#unexpected();
      object[key] = this.value(depth + 1);
      this.#skipSpace();
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected();
    return object;
  }

  #array(depth: number): ExactJson {
    const array: ExactJson[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#take(']')) return array;
    do {
      array.push(this.value(depth + 1));
      this.#skipSpace();
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected();
    return array;
  }

  #string(): string {
    const raw = this.#match(STRING);
    // JSON's own parser resolves the escapes; the text is known to be one whole string.
    return JSON.parse(raw) as string;
  }

  #number(): ExactNumber {
    return new ExactNumber(this.#match(NUMBER));
  }

  #word<T extends ExactJson>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected();
    this.#at += word.length;
    return value;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === '') throw this.#unexpected();
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #unexpected(): JsonSyntaxError {
    const found = this.#text[this.#at];
    return new JsonSyntaxError(found === undefined ? 'the text ends too early' : `unexpected ${JSON.stringify(found)} at position ${this.#at}`);
  }
}

/** JSON text in which every ExactNumber is a number with exactly its digits. Everything else is as JSON.stringify has it. */
export function exactJsonText(value: unknown): string {
  return write(value) ?? 'null';
}

function write(value: unknown): string | undefined {
  if (value instanceof ExactNumber) return value.digits;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry) ?? 'null').join(',')}]`;
  const parts: string[] = [];
  for (const [key, entry] of Object.entries(value)) {
    const text = write(entry);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}
