"""The texts of our mails, one file for each mail and language."""
