import { openReportArchive } from '../../src/archive/open-archive.js';
import { sampleReport } from './sample-report.js';

/** Records `count` reports from number `first` on; prints how many were new. */
const [path = '', first = '0', count = '0'] = process.argv.slice(2);
const archive = await openReportArchive({ kind: 'sqlite', path });
let recorded = 0;
for (let number = Number(first); number < Number(first) + Number(count); number += 1) {
  if ((await archive.record(sampleReport(`report-${number}`, number))) === 'recorded') recorded += 1;
}
await archive.close();
process.stdout.write(`${recorded}\n`);
