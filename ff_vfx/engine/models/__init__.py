"""Models on disk: what each is and says, how it gets here, whether it keeps to it. Read by the door."""
