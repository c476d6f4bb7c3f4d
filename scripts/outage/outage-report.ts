import type { OutageResult } from './run-outage.js';

/** What keeps the run from being sound, in words; empty when every position was closed by its stop, once, and said so. */
export function outageFaults(result: OutageResult): readonly string[] {
  const { positions, exitsWhileDown, exits, closeTypes, audit } = result;
  return [
    ...(exitsWhileDown === positions ? [] : [`${exitsWhileDown} of ${positions} exits left while the server was down`]),
    ...(exits === positions ? [] : [`${exits} exits for ${positions} positions`]),
    ...(closeTypes['STOP_LOSS'] === positions ? [] : [`close types: ${JSON.stringify(closeTypes)}`]),
    ...audit.differences.map(({ kind, message }) => `difference (${kind}): ${message}`),
  ];
}

/** The last line of a run. */
export function outageLine(result: OutageResult): string {
  const { positions, exitsWhileDown, exits, lastExitAfterMs, lastReportAfterMs, audit } = result;
  return `positions=${positions} exits_while_down=${exitsWhileDown} exits=${exits} last_exit_after_ms=${lastExitAfterMs} last_report_after_ms=${lastReportAfterMs} differences=${audit.differences.length}`;
}
