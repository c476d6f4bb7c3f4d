/** Waits for both before it throws the first failure, so that the clean-up afterwards sees every process. */
export async function settleBoth<First, Second>(first: Promise<First> | First, second: Promise<Second> | Second): Promise<[First, Second]> {
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return [one.value, two.value];
}
