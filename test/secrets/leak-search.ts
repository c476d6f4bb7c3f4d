/** A text and where it was found: a log, a history, an answer. */
export interface Place {
  readonly where: string;
  readonly text: string;
}

export interface Leak {
  readonly where: string;
  /** Which of the secrets; never the secret itself. */
  readonly what: string;
}

/** In whatever form a secret may come: as it is, in an address, in JSON, in Base64 with any neighbours. */
function formsOf(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'x'.repeat(shift)}${secret}`, 'utf8').toString('base64').replace(/=+$/, '');
    // Letters that share bits with what stands before or after are not the secret's alone.
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...base64];
}

/** Where any secret, or a signed address, can be read. */
export function findLeaks(places: Iterable<Place>, secrets: Readonly<Record<string, string>>): readonly Leak[] {
  const wanted = Object.entries(secrets).map(([what, secret]) => ({ what, forms: formsOf(secret) }));
  const leaks: Leak[] = [];
  for (const { where, text } of places) {
    for (const { what, forms } of wanted) if (forms.some((form) => text.includes(form))) leaks.push({ where, what });
    // What the redaction leaves in place of a signature is no signature.
    if (/signature(?:=|%3D)(?!\[redacted\])/i.test(text)) leaks.push({ where, what: 'a signed address' });
  }
  return leaks;
}

/** Every text in a structure, payloads of histories included, as one. */
export function textOf(value: unknown): string {
  const texts: string[] = [];
  const visit = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part);
    else if (part instanceof Uint8Array) texts.push(Buffer.from(part).toString('utf8'));
    else if (typeof part === 'object' && part !== null) for (const [name, inner] of Object.entries(part)) visit((texts.push(name), inner));
  };
  visit(value);
  return texts.join('\n');
}
