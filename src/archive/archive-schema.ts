import { type Kysely, sql } from 'kysely';

/** Row of a closed executor: the columns are only what is filtered, ordered and summed by; the report is the truth. */
export interface ExecutorReportRow {
  executor_id: string;
  executor_type: string;
  controller_id: string;
  account_name: string;
  connector_name: string;
  trading_pair: string;
  side: string;
  close_type: string | null;
  outcome: string | null;
  created_at_ms: number;
  closed_at_ms: number | null;
  net_pnl_quote: string;
  fees_paid_quote: string;
  volume_quote: string;
  report: string;
}

export interface ArchiveDatabase {
  executor_reports: ExecutorReportRow;
  archive_migrations: { version: number; applied_at_ms: number };
}

export type DatabaseKind = 'sqlite' | 'postgresql';

interface Migration {
  readonly version: number;
  apply(database: Kysely<ArchiveDatabase>, kind: DatabaseKind): Promise<void>;
}

/** Every step can be repeated: two processes may open a new archive at the same moment. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, apply: createReports }];

async function createReports(database: Kysely<ArchiveDatabase>, kind: DatabaseKind): Promise<void> {
  // Ids are ordered by their bytes in both databases: a cursor has to mean the same to SQL and to the process that merges.
  const idType = kind === 'postgresql' ? sql`text collate "C"` : sql`text`;
  await database.schema
    .createTable('executor_reports')
    .ifNotExists()
    .addColumn('executor_id', idType, (column) => column.primaryKey().notNull())
    .addColumn('executor_type', 'text', (column) => column.notNull())
    .addColumn('controller_id', 'text', (column) => column.notNull())
    .addColumn('account_name', 'text', (column) => column.notNull())
    .addColumn('connector_name', 'text', (column) => column.notNull())
    .addColumn('trading_pair', 'text', (column) => column.notNull())
    .addColumn('side', 'text', (column) => column.notNull())
    .addColumn('close_type', 'text')
    .addColumn('outcome', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('closed_at_ms', 'bigint')
    .addColumn('net_pnl_quote', 'text', (column) => column.notNull())
    .addColumn('fees_paid_quote', 'text', (column) => column.notNull())
    .addColumn('volume_quote', 'text', (column) => column.notNull())
    .addColumn('report', 'text', (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('executor_reports_by_creation')
    .ifNotExists()
    .on('executor_reports')
    .columns(['created_at_ms', 'executor_id'])
    .execute();
  // Agents ask for their own executors every few seconds.
  await database.schema
    .createIndex('executor_reports_by_controller')
    .ifNotExists()
    .on('executor_reports')
    .columns(['controller_id', 'created_at_ms', 'executor_id'])
    .execute();
}

/** Brings an archive of any earlier version, or an empty database, to this one. */
export async function migrate(database: Kysely<ArchiveDatabase>, kind: DatabaseKind): Promise<void> {
  if (kind === 'sqlite') {
    await applyMigrations(database, kind);
    return;
  }
  await database.transaction().execute(async (transaction) => {
    // "if not exists" alone still fails in PostgreSQL when two sessions create at once.
    await sql`select pg_advisory_xact_lock(7214430519)`.execute(transaction);
    await applyMigrations(transaction, kind);
  });
}

async function applyMigrations(database: Kysely<ArchiveDatabase>, kind: DatabaseKind): Promise<void> {
  await database.schema
    .createTable('archive_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey().notNull())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  const rows = await database.selectFrom('archive_migrations').select('version').execute();
  const applied = new Set(rows.map((row) => row.version));
  const newest = Math.max(0, ...applied);
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  if (newest > known) throw new Error(`report archive: its schema version ${newest} is newer than this program's ${known}; use the newer program`);
  for (const migration of MIGRATIONS) {
    if (applied.has(migration.version)) continue;
    await migration.apply(database, kind);
    await database
      .insertInto('archive_migrations')
      .values({ version: migration.version, applied_at_ms: Date.now() })
      .onConflict((conflict) => conflict.column('version').doNothing())
      .execute();
  }
}
