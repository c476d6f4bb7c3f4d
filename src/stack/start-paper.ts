import { launchProgram } from './launch-program.js';
import { writeFileSync } from 'node:fs';
import { paperAccounts, paperArguments, paperEnvironment } from './process-environments.js';
import type { MemberName, StackBuilder } from './stack-builder.js';
import type { SecondPaper, Stack, StackOptions, StackPorts } from './stack-options.js';
import { describeProcess } from './describe-process.js';

const HOST = '127.0.0.1';

interface Instance {
  readonly name: Extract<MemberName, 'paper' | 'secondPaper'>;
  readonly controlPort: keyof StackPorts;
  readonly difference: SecondPaper;
}

/** The paper exchange on fixed ports and a ledger file, or undefined when the stack runs without it. */
export async function startPaper(builder: StackBuilder, options: StackOptions): Promise<Stack['paper']> {
  if (options.processes?.paper === false) return undefined;
  return await startInstance(builder, options, { name: 'paper', controlPort: 'paperControl', difference: {} });
}

/** The second one, when it is asked for: another process, another ledger. */
export async function startSecondPaper(builder: StackBuilder, options: StackOptions): Promise<Stack['paper']> {
  if (options.processes?.paper === false || options.secondPaper === undefined) return undefined;
  return await startInstance(builder, options, { name: 'secondPaper', controlPort: 'secondPaperControl', difference: options.secondPaper });
}

async function startInstance(builder: StackBuilder, options: StackOptions, { name, controlPort: controlName, difference }: Instance): Promise<Stack['paper']> {
  const wanted = { [name]: options.ports?.[name], [controlName]: options.ports?.[controlName] as number | undefined };
  return await builder.onPorts(wanted, async ([port = 0, controlPort = 0]) => {
    const accountsFile = builder.dataFile(`${name === 'paper' ? 'paper' : 'second-paper'}-accounts.json`);
    writeFileSync(accountsFile, JSON.stringify(paperAccounts(options.perpetual)), { mode: 0o600 });
    const databaseFile = builder.dataFile(name === 'paper' ? 'paper.db' : 'second-paper.db');
    const args = paperArguments({ host: HOST, port, controlPort, databaseFile, accountsFile, feed: options.feed, difference });
    const env = paperEnvironment();
    const member = await builder.add(name, async () => {
      const program = { name, file: 'src/paper/main.ts', args, env, logFile: builder.logFile(name) };
      return (await launchProgram(program)).child;
    });
    return describeProcess(member, { url: `http://${HOST}:${port}`, controlUrl: `http://${HOST}:${controlPort}` });
  });
}
