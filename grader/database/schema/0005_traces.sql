-- The trace in which a grading was asked for (W3C Trace Context), where traces are collected.
ALTER TABLE gradings ADD COLUMN traceparent text;
