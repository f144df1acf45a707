-- State of one project and environment, format 1. docs/state-format.md explains it to other readers.
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  joined INTEGER NOT NULL DEFAULT 0,         -- 0: only failures and scans are kept of it
  identity TEXT NOT NULL DEFAULT '',         -- uid of its namespace kube-system
  version TEXT NOT NULL DEFAULT '',
  row TEXT NOT NULL DEFAULT 'null',          -- JSON: row fields as of the last apply
  protect INTEGER NOT NULL DEFAULT 0,
  lost INTEGER NOT NULL DEFAULT 0,
  first_failure_ms INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE body (digest BLOB PRIMARY KEY, bytes TEXT NOT NULL) STRICT;   -- canonical JSON

-- What the last apply left, one row an object. `owned` is null where it equals `body`; `address` stands without the
-- member.
CREATE TABLE object (
  member INTEGER NOT NULL REFERENCES member(id),
  ns TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  api TEXT NOT NULL,
  address TEXT NOT NULL,
  uid TEXT NOT NULL,
  body BLOB NOT NULL,
  owned BLOB,
  flags INTEGER NOT NULL,                    -- 1 protect, 2 adopted, 4 unready
  origin TEXT NOT NULL,
  deps TEXT NOT NULL,                        -- addresses, one a line
  replicas INTEGER NOT NULL,                 -- -1: not a workload's
  run INTEGER NOT NULL,
  PRIMARY KEY (member, ns, kind, name, api)
) STRICT, WITHOUT ROWID;

-- Cache: objects that were not as recorded when last looked at. An empty uid: gone.
CREATE TABLE observation (
  member INTEGER NOT NULL,
  ns TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  api TEXT NOT NULL,
  uid TEXT NOT NULL,
  version TEXT NOT NULL,
  owned BLOB NOT NULL,
  fields TEXT NOT NULL,                      -- JSON, secret values as fingerprints only
  manager TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  owners TEXT NOT NULL,                      -- JSON: [[field, manager, time]]
  flags INTEGER NOT NULL,                    -- 1 ours, 2 ready, 4 deleting
  PRIMARY KEY (member, ns, kind, name, api)
) STRICT, WITHOUT ROWID;

-- Cache: up to which list version each member was read. No row: read it whole.
CREATE TABLE scan (
  member INTEGER PRIMARY KEY,
  list_version TEXT NOT NULL,
  taken_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE plan (
  digest BLOB PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

-- One carrying out of a plan; `id` is the number that people see (#42).
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  plan BLOB NOT NULL,
  changes BLOB NOT NULL,
  token INTEGER NOT NULL,
  cells TEXT NOT NULL,                       -- namespace@member, one a line
  state TEXT NOT NULL,                       -- open, done, partial, abandoned
  who TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,               -- wall clock, for people
  ended_ms INTEGER NOT NULL DEFAULT 0,
  revision TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT 'null'       -- JSON: counts
) STRICT;

-- The journal: a row appears before the first request of a step and knows its end once that is known.
CREATE TABLE step (
  run INTEGER NOT NULL,
  n INTEGER NOT NULL,
  attempt INTEGER NOT NULL,                  -- requests sent, or about to be
  state INTEGER NOT NULL,                    -- 0 sent, 1 applied, 2 done, 3 failed, 4 skipped, 5 deferred
  uid TEXT NOT NULL,
  owned BLOB NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE history_object (
  run INTEGER NOT NULL,
  member TEXT NOT NULL,
  ns TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  api TEXT NOT NULL,
  action TEXT NOT NULL,
  before BLOB,                               -- digests of bodies; null: absent
  after BLOB,
  PRIMARY KEY (run, member, ns, kind, name, api)
) STRICT, WITHOUT ROWID;

CREATE TABLE lock (
  id TEXT PRIMARY KEY,
  cells TEXT NOT NULL,
  token INTEGER NOT NULL,
  who TEXT NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  run INTEGER NOT NULL,                      -- 0: none yet
  taken_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Digest of what the recorded division of a workload depended on.
CREATE TABLE division (address TEXT PRIMARY KEY, inputs TEXT NOT NULL) STRICT, WITHOUT ROWID;
