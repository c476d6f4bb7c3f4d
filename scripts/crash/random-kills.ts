import { setTimeout as sleep } from 'node:timers/promises';
import { killAndRestart, type CrashScene } from './crash-scene.js';

/** Kills at moments nobody chose: mostly the worker, sometimes for longer than every timeout. */
export async function killAtRandom(scene: CrashScene, kills: number): Promise<void> {
  for (let count = 0; count < kills; count += 1) {
    await sleep(scene.random.between(300, 6_000));
    const target = scene.random.of(['worker', 'worker', 'temporal', 'paper', 'second paper'] as const);
    const downMs = scene.random.chance(0.2) ? scene.random.between(6_000, 13_000) : scene.random.between(0, 2_000);
    scene.say(`${target} killed at random, down for ${Math.round(downMs)} ms`);
    if (target === 'worker') {
      await scene.worker.kill();
      scene.tally.killed('worker');
      await sleep(downMs);
      await scene.worker.launch();
    } else await killAndRestart(scene, target, downMs);
  }
}
