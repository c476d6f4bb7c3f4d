import { launchPaperExchange } from '../../src/paper/launch.js';

/** A parent that starts an exchange, prints its process id and stays until it is killed. */
const { pid } = await launchPaperExchange({ databaseFile: process.argv[2]! });
process.stdout.write(`${pid}\n`);
setInterval(() => undefined, 60_000);
