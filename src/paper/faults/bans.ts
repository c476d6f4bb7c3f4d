/** Who is shut out for a time, the whole address or single accounts. */
export class Bans {
  private addressUntilMs = 0;
  private readonly accountsUntilMs = new Map<string, number>();

  begin(account: string | undefined, untilMs: number): void {
    if (account === undefined) this.addressUntilMs = untilMs;
    else this.accountsUntilMs.set(account, untilMs);
  }

  /** When the ban that holds now is over; undefined when there is none. */
  untilMs(account: string | undefined, nowMs: number): number | undefined {
    const ofAccount = account === undefined ? 0 : (this.accountsUntilMs.get(account) ?? 0);
    const untilMs = Math.max(this.addressUntilMs, ofAccount);
    return untilMs > nowMs ? untilMs : undefined;
  }

  lift(): void {
    this.addressUntilMs = 0;
    this.accountsUntilMs.clear();
  }
}
