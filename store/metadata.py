"""All tables in one place: what the migrations together must amount to."""

from sqlmodel import SQLModel

from store import answers_tables, commons_tables, people_tables, tables

metadata = SQLModel.metadata
MODULES = (answers_tables, commons_tables, people_tables, tables)  # importing them fills the metadata
