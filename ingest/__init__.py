"""Reading mail: from raw bytes to Message and Thread.

`parse` reads a mail, `own_words` finds its author's own text, `automatic` says whether a person wrote it,
`threading` says which conversation it belongs to, `sources` is where mail comes from.
Not for storing, judging or sending anything.
"""
