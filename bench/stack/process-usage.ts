import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has used so far: resident memory in bytes, processor time in ms. */
export interface ProcessUsage {
  readonly rssBytes: number;
  readonly cpuMs: number;
}

/** Reads it from /proc, or from `ps` where there is none (whole seconds of processor time only). Throws when the process is gone. */
export function processUsage(pid: number): ProcessUsage {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

function fromProc(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold anything; counted from behind it, utime and stime are fields 12 and 13, rss is 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { rssBytes: Number(fields[21]) * PAGE_BYTES, cpuMs: (ticks * 1_000) / TICKS_PER_SECOND };
}

function fromPs(pid: number): ProcessUsage {
  const [rss = '0', time = '0:0'] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' }).trim().split(/\s+/);
  const seconds = time.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return { rssBytes: Number(rss) * 1_024, cpuMs: seconds * 1_000 };
}
