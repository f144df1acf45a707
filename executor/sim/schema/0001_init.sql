-- Simulated members, format 1: what their API servers hold, and the clock they share.
CREATE TABLE world (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE member (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,        -- of the last write: the list version
  pods INTEGER NOT NULL,           -- that run
  lost INTEGER NOT NULL,
  slow_ms INTEGER NOT NULL,
  requests INTEGER NOT NULL,       -- so far: seeded faults depend on it
  faults TEXT NOT NULL
) STRICT;

CREATE TABLE blob (digest BLOB PRIMARY KEY, bytes TEXT NOT NULL) STRICT;

-- An object, or with an empty uid the memory of one that is gone. `body` is what mcp applied; where that alone does not
-- say what the server holds, `extra` does: {"content", "managers"}.
CREATE TABLE object (
  member INTEGER NOT NULL,
  ns TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  api TEXT NOT NULL,
  uid TEXT NOT NULL,
  version INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  deleting INTEGER,
  due INTEGER,
  project TEXT NOT NULL,
  body BLOB,
  extra TEXT,
  rollout TEXT,
  PRIMARY KEY (member, ns, kind, name, api)
) STRICT, WITHOUT ROWID;
CREATE INDEX object_version ON object (member, project, version);
CREATE INDEX object_due ON object (member, due) WHERE due IS NOT NULL;
