/** Characters of a controller's tag, the same wherever it comes in. */
export const CONTROLLER_TAG_MAX_LENGTH = 128;
export const CONTROLLER_TAG_PATTERN = /^[^\p{Cc}\p{Cs}'"\\/]+$/u;

/** The tag without blanks around it, or null when it is none. */
export function normaliseControllerTag(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const tag = text.trim();
  return tag.length > 0 && tag.length <= CONTROLLER_TAG_MAX_LENGTH && CONTROLLER_TAG_PATTERN.test(tag) ? tag : null;
}
