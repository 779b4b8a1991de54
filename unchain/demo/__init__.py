"""`unchain demo`: an invented bilingual company, the mails of its people, what sends and what takes them."""
