import { preferPort } from '../processes/free-ports.js';
import type { StackPorts } from './stack-options.js';

/**
 * The preferred ports where they are free, others where they are not, and says so. A port that is also stated in
 * `ports` stays as stated.
 */
export async function choosePorts(
  ports: StackPorts | undefined,
  preferred: Readonly<Partial<Record<keyof StackPorts, number>>> | undefined,
  say: (message: string) => void,
): Promise<StackPorts> {
  const chosen: { -readonly [Name in keyof StackPorts]: StackPorts[Name] } = {};
  for (const [name, port] of Object.entries(preferred ?? {}) as [keyof StackPorts, number][]) {
    if (ports?.[name] !== undefined) continue;
    const free = await preferPort(port);
    if (free !== port) say(`Port ${port} is in use, ${name} gets ${free}.`);
    chosen[name] = free;
  }
  return { ...chosen, ...ports };
}
