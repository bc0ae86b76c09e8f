"""What Alembic runs: the migrations, on the connection that commentbox.schema hands over."""

from alembic import context

from commentbox.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
