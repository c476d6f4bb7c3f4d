import type Database from 'libsql';
import type { SqliteDatabase } from 'kysely';

const WRITES = /^\s*(?:insert|update|delete)\b/i;

/**
 * The database with a lock taken before every statement that writes. Without it, a statement that meets another's lock
 * stays half done in this driver, and whatever the connection writes afterwards looks written and is not committed.
 */
export function lockBeforeWriting(file: Database.Database): SqliteDatabase {
  return {
    close: () => void file.close(),
    prepare: (sql) => {
      const statement = file.prepare(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(parameters),
        iterate: (parameters) => statement.iterate(parameters) as IterableIterator<unknown>,
        run: (parameters) => (WRITES.test(sql) && !file.inTransaction ? locked(file, () => statement.run(parameters)) : statement.run(parameters)),
      };
    },
  };
}

function locked<Answer>(file: Database.Database, write: () => Answer): Answer {
  file.exec('BEGIN IMMEDIATE');
  try {
    const answer = write();
    file.exec('COMMIT');
    return answer;
  } catch (error) {
    if (file.inTransaction) file.exec('ROLLBACK');
    throw error;
  }
}
