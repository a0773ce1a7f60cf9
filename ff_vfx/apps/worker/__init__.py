"""The worker: one process that makes frames for any number of hosts. The protocol: docs/worker.md.

Hosts import `client` from here; it, and what it imports, is standard library alone and Python 3.9.
"""
