"""The nouns of Unchain, its error tree and the base of all options.

Frozen, without behaviour that waits or writes; imports nothing but the standard library and pydantic.
RawMail → Message + Thread → Classification → Decision → Publication → Receipt
"""
