-- A sealed segment needs no WAL: one file, which any reader may open as immutable. Fails while anybody has it open.
PRAGMA journal_mode = DELETE;
