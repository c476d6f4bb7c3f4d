import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import Database from 'libsql';
import pg from 'pg';
import type { ReportArchive } from '../ports/report-archive.js';
import { type ArchiveDatabase, migrate } from './archive-schema.js';
import { lockBeforeWriting } from './lock-before-writing.js';
import { SqlReportArchive } from './sql-report-archive.js';

/** Processes that start together bring the schema up to date one after the other. */
const BUSY_TIMEOUT_MS = 5_000;
/** Workers share the file, and a writer holds it for about a millisecond. The wait stops the whole process: who records tries again. */
const RECORD_TIMEOUT_MS = 2_000;
const POSTGRES_TIMEOUT_MS = 10_000;
const MAX_POSTGRES_CONNECTIONS = 5;

export type ArchiveLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** Connection string; it holds the password and is never printed. */
  | { readonly kind: 'postgresql'; readonly url: string };

/**
 * Where reports are kept: PostgreSQL when DATABASE_URL is set, else the file DURABLE_EXECUTORS_ARCHIVE names.
 * Throws when DATABASE_URL is no PostgreSQL address.
 */
export function archiveLocation(env: Readonly<Record<string, string | undefined>>, defaultPath: string): ArchiveLocation {
  const url = env['DATABASE_URL'];
  if (url !== undefined && url !== '') {
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error('DATABASE_URL: must begin with postgresql://');
    return { kind: 'postgresql', url };
  }
  const path = env['DURABLE_EXECUTORS_ARCHIVE'];
  return { kind: 'sqlite', path: path === undefined || path === '' ? defaultPath : path };
}

/** Opens the archive and brings its schema up to date. The folder of a file is created. */
export async function openReportArchive(location: ArchiveLocation): Promise<ReportArchive> {
  const database = location.kind === 'sqlite' ? openSqlite(location.path) : openPostgres(location.url);
  try {
    await migrate(database, location.kind);
    if (location.kind === 'sqlite') await sql.raw(`PRAGMA busy_timeout = ${RECORD_TIMEOUT_MS}`).execute(database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return new SqlReportArchive(database);
}

function openSqlite(path: string): Kysely<ArchiveDatabase> {
  mkdirSync(dirname(path), { recursive: true });
  const file = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  // WAL: readers never wait for the writer. FULL: an answered report survives a power cut, not only a killed process.
  file.pragma('journal_mode = WAL');
  file.pragma('synchronous = FULL');
  return new Kysely<ArchiveDatabase>({ dialect: new SqliteDialect({ database: lockBeforeWriting(file) }) });
}

function openPostgres(url: string): Kysely<ArchiveDatabase> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_POSTGRES_CONNECTIONS,
    connectionTimeoutMillis: POSTGRES_TIMEOUT_MS,
    statement_timeout: POSTGRES_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced by the next query, which reports what it meets; without a listener it ends the process.
  pool.on('error', () => undefined);
  return new Kysely<ArchiveDatabase>({ dialect: new PostgresDialect({ pool }) });
}
