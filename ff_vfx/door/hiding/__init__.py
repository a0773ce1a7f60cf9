"""Hiding everybody of a plate who is not cleared: who there is, who stays, and the list a person reads."""
