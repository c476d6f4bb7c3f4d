/** An environment without the entries that are not set, as `spawn` and the SDK's configuration loader want it. */
export function definedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
