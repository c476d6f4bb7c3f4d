import { launchProgram } from './launch-program.js';
import { writeFileSync } from 'node:fs';
import { paperAccounts, paperArguments, paperEnvironment } from './process-environments.js';
import type { StackBuilder } from './stack-builder.js';
import type { Stack, StackOptions } from './stack-options.js';
import { describeProcess } from './describe-process.js';

const HOST = '127.0.0.1';

/** The paper exchange on fixed ports and a ledger file, or undefined when the stack runs without it. */
export async function startPaper(builder: StackBuilder, options: StackOptions): Promise<Stack['paper']> {
  if (options.processes?.paper === false) return undefined;
  const wanted = { paper: options.ports?.paper, paperControl: options.ports?.paperControl };
  return await builder.onPorts(wanted, async ([port = 0, controlPort = 0]) => {
    const accountsFile = builder.dataFile('paper-accounts.json');
    writeFileSync(accountsFile, JSON.stringify(paperAccounts(options.perpetual)), { mode: 0o600 });
    const databaseFile = builder.dataFile('paper.db');
    const args = paperArguments({ host: HOST, port, controlPort, databaseFile, accountsFile, feed: options.feed });
    const env = paperEnvironment();
    const member = await builder.add('paper', async () => {
      const program = { name: 'paper', file: 'src/paper/main.ts', args, env, logFile: builder.logFile('paper') };
      return (await launchProgram(program)).child;
    });
    return describeProcess(member, { url: `http://${HOST}:${port}`, controlUrl: `http://${HOST}:${controlPort}` });
  });
}
