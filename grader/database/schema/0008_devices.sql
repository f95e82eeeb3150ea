-- Where a worker can grade: on the CPU, or on a GPU as well.
ALTER TABLE workers ADD COLUMN device text NOT NULL DEFAULT 'cpu';
