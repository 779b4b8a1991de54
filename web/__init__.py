"""The commons' pages and the console: server-rendered, in English and French, without a line of JavaScript.

app.py puts the routes together; each file in pages/ is one page: it reads, renders a typed context, done.
Buttons write rows; the worker acts.
"""
