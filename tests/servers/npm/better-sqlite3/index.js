// What Ghost (by knex) and the Bluesky PDS (by kysely) use of better-sqlite3, by the SQLite within Node itself.
// https://github.com/WiseLibs/better-sqlite3/blob/master/docs/api.md and https://nodejs.org/api/sqlite.html
"use strict";
const { DatabaseSync } = require("node:sqlite");

// https://www.sqlite.org/rescode.html: the names by which both tell a failure; extended codes first.
const NAMES = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  19: "SQLITE_CONSTRAINT",
  261: "SQLITE_BUSY_RECOVERY",
  517: "SQLITE_BUSY_SNAPSHOT",
  787: "SQLITE_CONSTRAINT_FOREIGNKEY",
  1299: "SQLITE_CONSTRAINT_NOTNULL",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
};

function named(call) {
  try {
    return call();
  } catch (error) {
    if (error.code === "ERR_SQLITE_ERROR") {
      error.code = NAMES[error.errcode] || NAMES[error.errcode & 255] || "SQLITE_ERROR";
    }
    throw error;
  }
}

const values = (given) => (Array.isArray(given[0]) ? given[0] : given).map((value) => value ?? null);
const cell = (value) => (value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value);

function row(found) {
  return found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name, cell(value)]));
}

class Statement {
  constructor(statement) {
    this.statement = statement;
    this.reader = statement.columns().length > 0;
  }

  all(...given) {
    return named(() => this.statement.all(...values(given)).map(row));
  }

  get(...given) {
    return named(() => row(this.statement.get(...values(given))));
  }

  run(...given) {
    return named(() => this.statement.run(...values(given)));
  }

  *iterate(...given) {
    yield* this.all(...given);
  }
}

class Database {
  constructor(place, options = {}) {
    this.database = named(() => new DatabaseSync(place, { timeout: options.timeout ?? 5000 }));
  }

  prepare(sql) {
    return named(() => new Statement(this.database.prepare(sql)));
  }

  exec(sql) {
    named(() => this.database.exec(sql));
    return this;
  }

  pragma(text, { simple = false } = {}) {
    const rows = this.prepare(`PRAGMA ${text}`).all();
    return simple ? rows[0] && Object.values(rows[0])[0] : rows;
  }

  close() {
    this.database.close();
    return this;
  }
}

module.exports = Database;
