"""Quality control over a finished shot: what is opened, measured and shown."""
