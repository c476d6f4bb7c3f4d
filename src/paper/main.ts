import { pino } from 'pino';
import { parseCommandLine } from './command-line.js';
import { PaperExchange } from './paper-exchange.js';

/** Longest time a clean stop may take before the process ends anyway. */
const STOP_TIMEOUT_MS = 5_000;

async function main(): Promise<void> {
  const options = parseCommandLine(process.argv.slice(2));
  // stdout carries the READY line alone.
  const logger = pino({ name: 'paper-exchange', level: options.logLevel }, pino.destination({ dest: 2, sync: true }));
  const exchange = new PaperExchange(options, logger, (error) => {
    logger.fatal({ err: error }, 'memory and ledger may disagree; start again from the ledger');
    process.exit(70);
  });
  const address = await exchange.start();
  process.stdout.write(`READY ${JSON.stringify(address)}\n`);
  let isStopping = false;
  const stop = (reason: string): void => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    exchange.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => { stop('SIGTERM'); });
  process.on('SIGINT', () => { stop('SIGINT'); });
  if (options.exitWithParent) {
    // The parent holds the other end of standard input; it closes when the parent dies, however it dies.
    process.stdin.resume().on('end', () => { stop('parent ended'); }).on('close', () => { stop('parent ended'); });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`paper exchange: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
