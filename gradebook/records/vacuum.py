"""Getting rid of what was deleted in a PostgreSQL database: its tables written anew, and what it knows of values.

PostgreSQL keeps deleted rows until their place is needed, and in ``pg_statistic`` the commonest values of each
column, logins among them. ``ANALYZE`` replaces those, but of an empty table it leaves them as they are; a column
that is given its own type once more has none any longer. The server's write-ahead log, its archives,
replicas, dumps and messages are out of a client's reach.
"""

from sqlalchemy import Connection, MetaData, String, Text, text
from sqlalchemy.exc import DBAPIError

from autograder.errors import GraderError
from gradebook.records.engines import open_backend

__all__ = ["compact_tables"]


def compact_tables(url: str, *, patience: float) -> None:
    """Write nbgrader's tables and ours anew, without what was deleted in them.

    Args:
        url: A PostgreSQL database.
        patience: How long others are waited for at each table, in seconds.

    Raises:
        UsageError: The tables are not this user's, or the database cannot be used.
        GraderError: Somebody is using a table, or the server does not answer.
    """
    backend = open_backend(url, lock_timeout=patience)
    try:
        metadata = MetaData()
        with backend.writer.begin() as connection:
            metadata.reflect(connection)
            for table in metadata.sorted_tables:
                if connection.scalar(text(f'SELECT 1 FROM "{table.name}" LIMIT 1')) is None:  # noqa: S608
                    _forget_values(connection, table.name, metadata)
        with backend.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table.name}"')
    except DBAPIError as error:
        if backend.passes(error):
            raise GraderError(
                f"Somebody is using the gradebook {backend.name}, so it still holds what was deleted.",
                "Stop formgrader and other programs that use it, and run the command again.",
            ) from error
        raise backend.explained(error, ending=False) from error
    finally:
        backend.engine.dispose()


def _forget_values(connection: Connection, name: str, metadata: MetaData) -> None:
    for column in metadata.tables[name].columns:
        kind = column.type
        if isinstance(kind, (String, Text)) and type(kind).__name__ != "ENUM":
            shown = kind.compile(connection.dialect)
            connection.exec_driver_sql(f'ALTER TABLE "{name}" ALTER COLUMN "{column.name}" TYPE {shown}')
