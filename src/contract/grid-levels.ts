/** Why a leg of a level ended: its grid was stopped, and nothing is to take its place. */
export const LEVEL_STOPPED = 'its grid stops';

/** Workflow id of the child that carries round trip `cycle` of a level; both are never used twice. */
export function levelWorkflowId(gridId: string, levelIndex: number, cycle: number): string {
  return `${gridId}/${levelPath(levelIndex, cycle)}`;
}

export function levelPath(levelIndex: number, cycle: number): string {
  return `L${levelIndex}/${cycle}`;
}

/** `L3/2` of `L3/2/exit/1`; null for what is no leg of a level. */
export function levelOf(path: string): string | null {
  return /^(L\d+\/\d+)\//.exec(path)?.[1] ?? null;
}
