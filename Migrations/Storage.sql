-- How the large tables are kept on disk. Safe to run any number of times; takes no long locks.
-- zstd has already done what TOAST's own compression would try again.
ALTER TABLE message_content ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE message_content ALTER COLUMN header SET STORAGE EXTERNAL;
ALTER TABLE blob_chunk ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE queue_message ALTER COLUMN raw SET STORAGE EXTERNAL;

-- Rows that change with each delivery: vacuumed before they spread.
ALTER TABLE account_state SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE mailbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE queue_recipient SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE queue_message SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
