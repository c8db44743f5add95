-- One database per profile. Rows per side, never columns per side; times are ns since the epoch.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The agreed value of every item. waiting: some side has to catch up, or a conflict is held. died_ns: when the last side
-- let go of a deleted one, which is remembered as long as trash keeps its bytes.
CREATE TABLE items (
  item      INTEGER PRIMARY KEY,
  kind      TEXT    NOT NULL,
  alive     INTEGER NOT NULL,
  size      INTEGER,
  digest    TEXT,
  folder    INTEGER NOT NULL,
  name      TEXT    NOT NULL,
  fold      TEXT    NOT NULL,
  v_exists  INTEGER NOT NULL,
  v_content INTEGER NOT NULL,
  v_folder  INTEGER NOT NULL,
  v_name    INTEGER NOT NULL,
  waiting   INTEGER NOT NULL,
  died_ns   INTEGER
) STRICT;
CREATE INDEX items_by_place ON items (folder, fold) WHERE alive;
CREATE INDEX items_waiting ON items (item) WHERE waiting;
CREATE INDEX items_dead ON items (died_ns) WHERE NOT alive;

-- What each side stands for (s_…), and what it held when last seen (handle is null when nothing).
CREATE TABLE rows (
  side      TEXT    NOT NULL,
  item      INTEGER NOT NULL,
  handle    TEXT,
  parent    TEXT,
  name      TEXT,
  fold      TEXT,
  stamp     TEXT,
  size      INTEGER,
  mtime_ns  INTEGER,
  sha256    TEXT,
  md5       TEXT,
  version   TEXT,
  author    TEXT,
  kind      TEXT    NOT NULL,
  s_exists  INTEGER NOT NULL,
  s_size    INTEGER,
  s_digest  TEXT,
  s_folder  INTEGER NOT NULL,
  s_name    TEXT    NOT NULL,
  v_exists  INTEGER NOT NULL,
  v_content INTEGER NOT NULL,
  v_folder  INTEGER NOT NULL,
  v_name    INTEGER NOT NULL,
  spelled   TEXT    NOT NULL,
  label     TEXT    NOT NULL,
  assumed   INTEGER NOT NULL,
  PRIMARY KEY (item, side)
) STRICT, WITHOUT ROWID;
CREATE INDEX rows_in_order ON rows (side, handle, stamp, parent, name, item) WHERE handle IS NOT NULL;
CREATE INDEX rows_by_place ON rows (side, parent, fold) WHERE handle IS NOT NULL;

-- In which stretches a side's listing, told by a digest, was just what rows say: after one handle, up to and with another.
CREATE TABLE stretches (
  side    TEXT    NOT NULL,
  after   TEXT    NOT NULL,
  last    TEXT    NOT NULL,
  digest  TEXT    NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (side, after)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER rows_added AFTER INSERT ON rows BEGIN
  DELETE FROM stretches WHERE side = NEW.side AND last >= NEW.handle
    AND after = (SELECT max(after) FROM stretches WHERE side = NEW.side AND after < NEW.handle);
END;
CREATE TRIGGER rows_gone AFTER DELETE ON rows BEGIN
  DELETE FROM stretches WHERE side = OLD.side AND last >= OLD.handle
    AND after = (SELECT max(after) FROM stretches WHERE side = OLD.side AND after < OLD.handle);
END;
CREATE TRIGGER rows_changed AFTER UPDATE OF handle, stamp, parent, name ON rows
WHEN (OLD.handle, OLD.stamp, OLD.parent, OLD.name) IS NOT (NEW.handle, NEW.stamp, NEW.parent, NEW.name) BEGIN
  DELETE FROM stretches WHERE side = OLD.side AND last >= OLD.handle
    AND after = (SELECT max(after) FROM stretches WHERE side = OLD.side AND after < OLD.handle);
  DELETE FROM stretches WHERE side = NEW.side AND last >= NEW.handle
    AND after = (SELECT max(after) FROM stretches WHERE side = NEW.side AND after < NEW.handle);
END;

CREATE TABLE runs (
  run        INTEGER PRIMARY KEY,
  started_ns INTEGER NOT NULL,
  ended_ns   INTEGER,
  actor      TEXT    NOT NULL,
  exit_code  INTEGER,
  agreed     INTEGER NOT NULL DEFAULT 0,
  summary    TEXT    NOT NULL DEFAULT '{}'
) STRICT;

-- What was about to happen, and what did; for people and for cleaning up, never replayed. handle, stamp, size, before:
-- what the side held until then, and the SHA-256 of its bytes when known.
CREATE TABLE journal (
  entry    INTEGER PRIMARY KEY,
  run      INTEGER NOT NULL,
  at_ns    INTEGER NOT NULL,
  item     INTEGER NOT NULL,
  kind     TEXT    NOT NULL,
  side     TEXT    NOT NULL,
  action   TEXT    NOT NULL,
  path     TEXT    NOT NULL,
  to_path  TEXT    NOT NULL,
  why      TEXT    NOT NULL,
  replaced INTEGER NOT NULL,
  state    TEXT    NOT NULL,
  text     TEXT    NOT NULL,
  sha256   TEXT    NOT NULL,
  handle   TEXT    NOT NULL DEFAULT '',
  stamp    TEXT    NOT NULL DEFAULT '',
  size     INTEGER NOT NULL DEFAULT 0,
  before   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX journal_by_time ON journal (at_ns);

-- What a side will never accept, by content and place: waits for a person instead of failing every run.
CREATE TABLE refusals (
  side   TEXT NOT NULL,
  path   TEXT NOT NULL,
  digest TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (side, path, digest)
) STRICT, WITHOUT ROWID;

-- What bytes under a stamp were when read, so that a plan that was looked at need not be read for again.
CREATE TABLE digests (
  side   TEXT NOT NULL,
  handle TEXT NOT NULL,
  stamp  TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (side, handle)
) STRICT, WITHOUT ROWID;

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
