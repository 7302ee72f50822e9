"""What is true. The only room with SQL: one writer, many readers, and a schema that reads as a document."""

from sqlite3 import Connection, Row

__all__ = ["Connection", "Row"]
