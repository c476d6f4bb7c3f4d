import type Database from 'libsql';

/** Of the tables as `SCHEMA` makes them. */
const VERSION = 2;
/** Columns that orders did not have from the start, in the order of the table. */
const LATER_ORDER_COLUMNS = ['stop_price_quote TEXT', 'triggered_ms INTEGER'] as const;

/** @throws Error when a later version wrote the file. */
export function refuseLaterLedger(database: Database.Database, file: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > VERSION) throw new Error(`${file}: a later version of the paper exchange wrote this ledger (${version}, this one knows ${VERSION}); start that version, or take another file`);
}

/** Brings the tables of an earlier version up to date; nothing in them is lost. */
export function upgradeLedger(database: Database.Database): void {
  const columns = new Set((database.prepare('PRAGMA table_info(orders)').all() as { name: string }[]).map(({ name }) => name));
  for (const column of LATER_ORDER_COLUMNS) {
    const [name = ''] = column.split(' ');
    if (!columns.has(name)) database.exec(`ALTER TABLE orders ADD COLUMN ${column}`);
  }
  database.exec(`PRAGMA user_version = ${VERSION}`);
}
