"""The networks a job names: checked early, opened late."""
