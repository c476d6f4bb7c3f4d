const QUERY = /\?[^\s"'<>]*/g;
const ADDRESS = /\b(?:https?|wss?):\/\/[^\s"'<>]+/gi;
const CREDENTIAL = /\b(api[-_ ]?key|x-mbx-apikey|secret|passphrase|password|signature|sign|authorization|listenkey|token)(["']?\s*[:=]\s*["']?)(?:(?:basic|bearer)\s+)?[^\s"'&,{}[\]]+/gi;
/** `127.0.0.1:8101`, as the texts of failed connections have it. */
const NETWORK_ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g;
/** What exchange keys and HMAC-SHA256 signatures look like. A transaction hash has `0x` in front and is not meant. */
const KEY_LIKE = /\b[0-9a-zA-Z]{64}\b/g;

/** A text without query strings of addresses, credentials and signatures. Addresses keep scheme, host and path. */
export function redact(text: string): string {
  return text
    .replace(ADDRESS, (address) => address.replace(QUERY, '?[redacted]'))
    .replace(CREDENTIAL, '$1$2[redacted]')
    .replace(KEY_LIKE, '[redacted]');
}

/** A text for an answer, a history or a memo: no address at all, on one line, at most `maxLength` characters. */
export function redactForAnswer(text: string, maxLength: number): string {
  const oneLine = redact(text).replace(ADDRESS, '[address]').replace(NETWORK_ADDRESS, '[address]').replace(/\s+/g, ' ').trim();
  return oneLine.length <= maxLength ? oneLine : `${oneLine.slice(0, Math.max(0, maxLength - 3))}...`;
}
