"""Where a thread goes and why: rules over facts, the gates before them, and the mails that tell people.

Pure: nothing here waits, reads a clock or writes. Publishing and sending are done elsewhere.
"""
