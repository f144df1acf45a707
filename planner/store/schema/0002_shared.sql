-- Format 2: what was last exchanged with the MCP cluster, where the project has one. docs/state-format.md
CREATE TABLE shared (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
