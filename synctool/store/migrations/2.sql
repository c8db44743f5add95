-- From version 1 to 2: deleted items are remembered, the journal tells what was replaced, and people's decisions are kept.

ALTER TABLE items ADD COLUMN died_ns INTEGER;
CREATE INDEX items_dead ON items (died_ns) WHERE NOT alive;
ALTER TABLE journal ADD COLUMN handle TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN before TEXT NOT NULL DEFAULT '';
UPDATE journal SET before = '?' WHERE state = 'done' AND (action = 'remove' OR replaced);

-- Conflicts of contents, until nobody has to look at them any more. facts: JSON, who held what.
CREATE TABLE conflicts (
  conflict  INTEGER PRIMARY KEY,
  item      INTEGER NOT NULL,
  path      TEXT    NOT NULL,
  how       TEXT    NOT NULL,
  facts     TEXT    NOT NULL,
  run       INTEGER NOT NULL,
  opened_ns INTEGER NOT NULL,
  closed_ns INTEGER,
  ending    TEXT    NOT NULL DEFAULT ''
) STRICT;

-- What people decided, until a run has done it. seen: JSON, what each side held then.
CREATE TABLE rulings (
  item   INTEGER PRIMARY KEY,
  word   TEXT    NOT NULL,
  size   INTEGER,
  digest TEXT,
  origin INTEGER NOT NULL,
  seen   TEXT    NOT NULL,
  actor  TEXT    NOT NULL,
  at_ns  INTEGER NOT NULL
) STRICT;

-- Brakes that a person overrode: each code serves once.
CREATE TABLE overrides (
  code  TEXT    PRIMARY KEY,
  rule  TEXT    NOT NULL,
  run   INTEGER NOT NULL,
  at_ns INTEGER NOT NULL,
  actor TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
