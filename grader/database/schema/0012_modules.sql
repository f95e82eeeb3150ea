-- Files beside a solution that it may import: JSON in UTF-8, the text of each by its path; null where there are none.
-- Gradings of such submissions wait in queues of their own, which programs of before do not know: they would grade the
-- solution without its modules.
ALTER TABLE submissions ADD COLUMN modules bytea;
