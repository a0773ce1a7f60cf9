"""The invisible mark in a job's frames: laid, and looked for again."""
