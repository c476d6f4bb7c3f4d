/**
 * `npm run demo [-- --exit] [-- --json] [-- --data DIR | --seed N] [-- --xemm] [-- --arbitrage]`: starts everything, trades on the paper exchange over
 * HTTP, shows it live and prints the reports. Ctrl-C stops everything, a second Ctrl-C at once.
 */
import { DEMO_USAGE, parseDemoOptions } from '../src/demo/demo-options.js';
import { runDemo } from '../src/demo/run-demo.js';
import { onInterruption } from '../src/processes/interruption.js';

const INTERRUPTED = 130;

async function main(): Promise<number> {
  const options = parseDemoOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${DEMO_USAGE}\n`);
    return 0;
  }
  // The children cannot outlive this process, however it ends.
  const interruption = onInterruption(() => process.exit(INTERRUPTED));
  const completed = await runDemo(options, { terminal: options.json ? process.stderr : process.stdout, stdout: process.stdout, interruption });
  return completed ? 0 : INTERRUPTED;
}

main().then(
  (code) => {
    // A pipe that is still being read must get everything before the end.
    process.stdout.write('', () => process.exit(code));
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
