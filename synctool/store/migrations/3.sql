-- From version 2 to 3: which stretches of a listing are known is remembered.

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
