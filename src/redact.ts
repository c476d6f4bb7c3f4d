// A backslash ends each of them: it belongs to the quotation mark behind it, and without it a line is no JSON any more.
const QUERY = /\?[^\s"'<>\\]*/g;
const ADDRESS = /\b(?:https?|wss?):\/\/[^\s"'<>\\]+/gi;
const CREDENTIAL = /\b(api[-_ ]?key|x-mbx-apikey|secret|passphrase|password|signature|sign|authorization|listenkey|token)((?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)(?:(?:basic|bearer)\s+)?[^\s"'&,{}[\]\\]+/gi;
/** `127.0.0.1:8101`, as the texts of failed connections have it. */
const NETWORK_ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g;
/** What exchange keys and HMAC-SHA256 signatures look like. A transaction hash has `0x` in front and is not meant. */
const KEY_LIKE = /\b[0-9a-zA-Z]{64}\b/g;

/** Shorter values would cut words out of ordinary sentences. */
const MIN_CONCEALED = 6;

const concealed = new Set<string>();
let concealedPattern: RegExp | null = null;

/**
 * From now on this value is cut from every text of this process that is redacted, in whatever form it came: an exchange or
 * a gateway may send a key back in words that no pattern knows. Values below six characters are left alone.
 */
export function conceal(value: string): void {
  if (value.length < MIN_CONCEALED || concealed.has(value)) return;
  concealed.add(value).add(encodeURIComponent(value)).add(JSON.stringify(value).slice(1, -1));
  const literals = [...concealed].sort((a, b) => b.length - a.length).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  concealedPattern = new RegExp(literals.join('|'), 'g');
}

/** A text without query strings of addresses, credentials and signatures. Addresses keep scheme, host and path. */
export function redact(text: string): string {
  return (concealedPattern === null ? text : text.replace(concealedPattern, '[redacted]'))
    .replace(ADDRESS, (address) => address.replace(QUERY, '?[redacted]'))
    .replace(CREDENTIAL, '$1$2[redacted]')
    .replace(KEY_LIKE, '[redacted]');
}

/** A text for an answer, a history or a memo: no address at all, on one line, at most `maxLength` characters. */
export function redactForAnswer(text: string, maxLength: number): string {
  const oneLine = redact(text).replace(ADDRESS, '[address]').replace(NETWORK_ADDRESS, '[address]').replace(/\s+/g, ' ').trim();
  return oneLine.length <= maxLength ? oneLine : `${oneLine.slice(0, Math.max(0, maxLength - 3))}...`;
}
