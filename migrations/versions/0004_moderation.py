"""Search, the traces that moderators leave, and the indexes of what they look for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

HAS_EMAIL = sa.text("email <> ''")
HAS_NETWORK = sa.text("network <> ''")
IS_IN_A_BATCH = sa.text("batch_id IS NOT NULL")
IS_OPEN = sa.text("decision_id IS NULL")

# SQLite: an index without a copy of the words. Triggers keep it right, whoever writes. German
# readers type “ss” for “ß”, which no rule of Unicode makes equal.
WORDS = """replace(replace(
    {row}name || ' ' || {row}email || ' ' || {row}website || ' ' || {row}text, 'ß', 'ss'), 'ẞ', 'SS')"""

FTS5 = (
    f"""CREATE VIEW commentbox_comment_words AS
    SELECT id, {WORDS.format(row="")} AS words FROM commentbox_comment""",
    """CREATE VIRTUAL TABLE commentbox_comment_search USING fts5(
    words, content='commentbox_comment_words', content_rowid='id',
    tokenize='unicode61 remove_diacritics 2')""",
    f"""CREATE TRIGGER commentbox_comment_search_insert AFTER INSERT ON commentbox_comment BEGIN
    INSERT INTO commentbox_comment_search(rowid, words) VALUES (new.id, {WORDS.format(row="new.")});
    END""",
    f"""CREATE TRIGGER commentbox_comment_search_delete AFTER DELETE ON commentbox_comment BEGIN
    INSERT INTO commentbox_comment_search(commentbox_comment_search, rowid, words)
    VALUES ('delete', old.id, {WORDS.format(row="old.")});
    END""",
    f"""CREATE TRIGGER commentbox_comment_search_update
    AFTER UPDATE OF name, email, website, text ON commentbox_comment BEGIN
    INSERT INTO commentbox_comment_search(commentbox_comment_search, rowid, words)
    VALUES ('delete', old.id, {WORDS.format(row="old.")});
    INSERT INTO commentbox_comment_search(rowid, words) VALUES (new.id, {WORDS.format(row="new.")});
    END""",
    "INSERT INTO commentbox_comment_search(commentbox_comment_search) VALUES ('rebuild')",
)

# What is erased leaves the index at once, too. Older versions forget it when they next merge.
FTS5_SECURE_DELETE_SINCE = (3, 42)
FTS5_SECURE_DELETE = (
    "INSERT INTO commentbox_comment_search(commentbox_comment_search, rank) "
    "VALUES ('secure-delete', 1)"
)

# PostgreSQL: a generated column, right by construction, and stored: phrases are looked up in it.
# Accents go, and all punctuation parts words: its own parser would keep addresses whole, and nobody
# finds a part of them.
TSVECTOR = (
    r"""CREATE FUNCTION commentbox_words(VARIADIC written text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.simple', regexp_replace(replace(lower(regexp_replace(
        normalize(array_to_string(written, ' '), NFD), '[\u0300-\u036f]', '', 'g')), 'ß', 'ss'),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f]+', ' ', 'g'))
    $$""",
    """ALTER TABLE commentbox_comment ADD COLUMN search_words tsvector
    GENERATED ALWAYS AS (commentbox_words(name, email, website, text)) STORED""",
    """CREATE INDEX ix_commentbox_comment_search ON commentbox_comment USING gin (search_words)""",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column(
        "commentbox_comment",
        sa.Column("is_by_moderator", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "commentbox_moderator",
        sa.Column("name", sa.String(length=100), nullable=False, server_default=""),
    )
    op.add_column("commentbox_thread", sa.Column("pinned_id", ROW_ID))
    op.add_column("commentbox_report", sa.Column("decision_id", ROW_ID))
    op.add_column(
        "commentbox_decision",
        sa.Column("change", sa.String(length=8), nullable=False, server_default="moved"),
    )
    op.add_column("commentbox_decision", sa.Column("batch_id", ROW_ID))
    op.add_column("commentbox_decision", sa.Column("undoes_id", ROW_ID))
    op.add_column("commentbox_decision", sa.Column("before", sa.JSON()))
    op.create_table(
        "commentbox_thread_decision",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("site_id", ROW_ID, nullable=False),
        sa.Column("thread_id", ROW_ID, nullable=False),
        sa.Column("moderator_id", ROW_ID, nullable=True),
        sa.Column("deed", sa.String(length=12), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("entrance", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["commentbox_site.id"],
            name=op.f("fk_commentbox_thread_decision_site_id_commentbox_site"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["commentbox_thread.id"],
            name=op.f("fk_commentbox_thread_decision_thread_id_commentbox_thread"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"],
            ["commentbox_moderator.id"],
            name=op.f("fk_commentbox_thread_decision_moderator_id_commentbox_moderator"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commentbox_thread_decision")),
    )
    for column in ("site_id", "thread_id", "moderator_id"):
        op.create_index(
            op.f(f"ix_commentbox_thread_decision_{column}"), "commentbox_thread_decision", [column]
        )
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    for statement in FTS5 if is_sqlite else TSVECTOR:
        op.execute(statement)
    if is_sqlite and op.get_bind().dialect.dbapi.sqlite_version_info >= FTS5_SECURE_DELETE_SINCE:
        op.execute(FTS5_SECURE_DELETE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER commentbox_comment_search_{event}")
        op.execute("DROP TABLE commentbox_comment_search")
        op.execute("DROP VIEW commentbox_comment_words")
    else:
        op.execute("DROP INDEX ix_commentbox_comment_search")
        op.execute("ALTER TABLE commentbox_comment DROP COLUMN search_words")
        op.execute("DROP FUNCTION commentbox_words(VARIADIC text[])")
    for name, table, _columns, _where in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_table("commentbox_thread_decision")
    for column in ("before", "undoes_id", "batch_id", "change"):
        op.drop_column("commentbox_decision", column)
    op.drop_column("commentbox_report", "decision_id")
    op.drop_column("commentbox_thread", "pinned_id")
    op.drop_column("commentbox_moderator", "name")
    op.drop_column("commentbox_comment", "is_by_moderator")


INDEXES = (
    (
        "ix_commentbox_comment_email",
        "commentbox_comment",
        ["site_id", "email", "state", "id"],
        HAS_EMAIL,
    ),
    (
        "ix_commentbox_comment_name",
        "commentbox_comment",
        ["site_id", "name", "email", "state", "id"],
        None,
    ),
    (
        "ix_commentbox_comment_network",
        "commentbox_comment",
        ["site_id", "network", "state", "id"],
        HAS_NETWORK,
    ),
    ("ix_commentbox_comment_day", "commentbox_comment", ["site_id", "created_at", "state"], None),
    (
        "ix_commentbox_decision_batch_id",
        "commentbox_decision",
        ["batch_id", "id"],
        IS_IN_A_BATCH,
    ),
    ("ix_commentbox_decision_decided_at", "commentbox_decision", ["decided_at"], None),
    ("ix_commentbox_report_decision_id", "commentbox_report", ["decision_id"], None),
    ("ix_commentbox_report_open", "commentbox_report", ["comment_id"], IS_OPEN),
)
