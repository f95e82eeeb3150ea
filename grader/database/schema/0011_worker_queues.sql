-- Which queues a worker takes from, so that what nobody takes can be told; null from programs that do not say.
ALTER TABLE workers ADD COLUMN queues text[];
