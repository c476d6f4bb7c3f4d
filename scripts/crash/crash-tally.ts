export type KillTarget = 'worker' | 'temporal' | 'paper' | 'second paper';

/** Counts kills and named points of a run. */
export class CrashTally {
  private readonly kills = new Map<KillTarget, number>();
  private readonly points = new Map<string, number>();
  private readonly blows = new Map<string, number>();

  killed(target: KillTarget): void {
    this.kills.set(target, (this.kills.get(target) ?? 0) + 1);
  }

  /** A blow of a storm. */
  struck(group: string): void {
    this.blows.set(group, (this.blows.get(group) ?? 0) + 1);
  }

  get blowCount(): number {
    return [...this.blows.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Makes a point due: it counts as missed until it is hit. */
  due(points: readonly string[]): void {
    for (const point of points) this.points.set(point, this.points.get(point) ?? 0);
  }

  hit(point: string): void {
    this.points.set(point, (this.points.get(point) ?? 0) + 1);
  }

  get killCount(): number {
    return [...this.kills.values()].reduce((sum, count) => sum + count, 0);
  }

  get pointCount(): number {
    return this.points.size;
  }

  get missed(): readonly string[] {
    return [...this.points].filter(([, count]) => count === 0).map(([point]) => point);
  }

  lines(): readonly string[] {
    return [
      `kills: ${[...this.kills].map(([target, count]) => `${target} ${count}`).join(', ') || 'none'}`,
      ...(this.blows.size === 0 ? [] : [`blows: ${[...this.blows].map(([group, count]) => `${group} ${count}`).join(', ')}`]),
      ...[...this.points].map(([point, count]) => `point ${point}: ${count === 0 ? 'MISSED' : `hit ${count === 1 ? 'once' : `${count} times`}`}`),
    ];
  }
}
