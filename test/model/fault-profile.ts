import { SESSION_TIMING } from '../../src/domain/session/session-plan.js';
import type { DecisionTape } from './decision-tape.js';

/** How often what goes wrong, per mille of its occasions. Each schedule has some of the faults only, so that they combine. */
export interface FaultProfile {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly late: number;
  readonly rejected: number;
  readonly throttled: number;
  readonly duplicated: number;
  readonly serverUnreachable: number;
  /** Longest time a reader may be behind, ms. */
  readonly lagMs: number;
  readonly cancelWithoutOrder: number;
  readonly cancelPending: number;
  readonly newsLost: number;
  readonly newsRepeated: number;
  readonly newsDelayMs: number;
  readonly partialTake: number;
  readonly emptyBook: number;
  readonly fundsRefused: number;
  readonly crash: number;
  readonly command: number;
  readonly externalEnd: number;
  readonly legTerminated: number;
  readonly hold: number;
  readonly blackout: number;
  /** Somebody changes the plan of what runs. */
  readonly amend: number;
  /** An ended, unfilled order is not found any more. */
  readonly forgotten: number;
}

export const NO_FAULTS: FaultProfile = {
  lostBefore: 0,
  lostAfter: 0,
  late: 0,
  rejected: 0,
  throttled: 0,
  duplicated: 0,
  serverUnreachable: 0,
  lagMs: 0,
  cancelWithoutOrder: 0,
  cancelPending: 0,
  newsLost: 0,
  newsRepeated: 0,
  newsDelayMs: 0,
  partialTake: 0,
  emptyBook: 0,
  fundsRefused: 0,
  crash: 0,
  command: 0,
  externalEnd: 0,
  legTerminated: 0,
  hold: 0,
  blackout: 0,
  amend: 0,
  forgotten: 0,
};

export function drawFaults(tape: DecisionTape): FaultProfile {
  const maybe = (perMille: number): number => (tape.pick(2) === 1 ? perMille : 0);
  return {
    lostBefore: maybe(90),
    lostAfter: maybe(90),
    late: maybe(120),
    rejected: maybe(90),
    throttled: maybe(70),
    duplicated: maybe(40),
    serverUnreachable: maybe(60),
    lagMs: maybe(SESSION_TIMING.readLagMs),
    cancelWithoutOrder: maybe(500),
    cancelPending: maybe(200),
    newsLost: maybe(400),
    newsRepeated: maybe(200),
    newsDelayMs: maybe(3000),
    partialTake: maybe(400),
    emptyBook: maybe(100),
    fundsRefused: maybe(60),
    crash: maybe(70),
    command: maybe(40),
    externalEnd: maybe(50),
    legTerminated: maybe(25),
    hold: maybe(25),
    blackout: maybe(25),
    forgotten: maybe(800),
    amend: maybe(90),
  };
}
