"""All tables in one place: what the migrations together must amount to."""

from sqlmodel import SQLModel

from store import commons_tables, people_tables, tables

metadata = SQLModel.metadata
MODULES = (commons_tables, people_tables, tables)  # importing them fills the metadata
