"""The page that shows what quality control found: one file, no network, every word of it escaped."""
