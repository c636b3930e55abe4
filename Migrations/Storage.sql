-- How the large tables are kept on disk. Safe to run any number of times; takes no long locks.
-- zstd has already done what TOAST's own compression would try again.
ALTER TABLE message_content ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE message_content ALTER COLUMN header SET STORAGE EXTERNAL;
ALTER TABLE blob_chunk ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE queue_message ALTER COLUMN raw SET STORAGE EXTERNAL;
-- Read by pieces of 128 octets: only what is not packed can be.
ALTER TABLE search_block ALTER COLUMN bits SET STORAGE EXTERNAL;

-- A fifth of the time of pglz to pack a message's text, a third to unpack it; where the server was built with it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'message_search'::regclass AND attname = 'text' AND attcompression <> 'l') THEN
    ALTER TABLE message_search ALTER COLUMN text SET COMPRESSION lz4, ALTER COLUMN vector SET COMPRESSION lz4;
  END IF;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;

-- Rows that change with each delivery: vacuumed before they spread.
ALTER TABLE account_state SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE mailbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE queue_recipient SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE queue_message SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
