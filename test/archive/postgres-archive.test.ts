import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type ArchiveDatabase, MIGRATIONS } from '../../src/archive/archive-schema.js';
import { openReportArchive } from '../../src/archive/open-archive.js';
import { SqlReportArchive } from '../../src/archive/sql-report-archive.js';
import { archiveContract } from './archive-contract.js';

const url = process.env['TEST_DATABASE_URL'];

if (url !== undefined) {
  // A server is at hand: the whole contract on it, on tables that are dropped before each test.
  archiveContract('PostgreSQL', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('drop table if exists executor_reports, archive_migrations');
    await client.end();
    const [archive, second] = await Promise.all([openReportArchive({ kind: 'postgresql', url }), openReportArchive({ kind: 'postgresql', url })]);
    await second.close();
    return archive;
  });
}

/** Collects the SQL that would be sent to PostgreSQL. */
function compiler(): { readonly database: Kysely<ArchiveDatabase>; readonly statements: string[] } {
  const statements: string[] = [];
  const database = new Kysely<ArchiveDatabase>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (target) => new PostgresIntrospector(target),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: (event) => {
      statements.push(event.query.sql);
    },
  });
  return { database, statements };
}

describe('SQL for PostgreSQL', () => {
  it('creates tables that order ids by their bytes', async () => {
    const { database, statements } = compiler();
    for (const migration of MIGRATIONS) await migration.apply(database, 'postgresql');
    expect(statements[0]).toContain('create table if not exists "executor_reports" ("executor_id" text collate "C" not null primary key');
    expect(statements.join('\n')).toContain('"created_at_ms" bigint not null');
    expect(statements.filter((statement) => statement.startsWith('create index if not exists'))).toHaveLength(2);
  });

  it('asks with numbered parameters and a keyset', async () => {
    const { database, statements } = compiler();
    const archive = new SqlReportArchive(database);
    await archive.search({ controllerIds: ['a', 'b'], pairs: ['BTC-USDT'] }, 10, { createdAtMs: 5, id: 'x' });
    expect(statements).toEqual([
      'select "report" from "executor_reports" where ("controller_id" in ($1, $2) and "trading_pair" in ($3) and ' +
        '("created_at_ms" < $4 or ("created_at_ms" = $5 and "executor_id" < $6))) order by "created_at_ms" desc, "executor_id" desc limit $7',
    ]);
  });
});
