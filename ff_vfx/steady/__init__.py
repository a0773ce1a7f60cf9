"""Make the new face hold still: flow, gate, and a window of neighbours on the log-ratio to the plate."""
