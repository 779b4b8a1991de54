"""The database: what was accepted, understood, decided and posted. One module per noun; rows do not leave."""
