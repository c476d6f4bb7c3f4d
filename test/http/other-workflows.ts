/** Workflows of a deployment that knows none of ours: their tasks fail at every attempt. */
export async function another(): Promise<void> {
  await Promise.resolve();
}
