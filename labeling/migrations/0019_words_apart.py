from django.db import migrations

PUNCTUATION = '!"#$%&\'\'()*+,-./:;<=>?@[\\]^_`{|}~'
VECTOR = f"""
to_tsvector('simple', translate(title || ' ' || body, '{PUNCTUATION}', '{' ' * 32}'))
"""
FORWARD = f"""
CREATE TABLE labeling_itemtext (
    rowid bigint PRIMARY KEY, labeling_itemtext tsvector NOT NULL
);
INSERT INTO labeling_itemtext (rowid, labeling_itemtext) SELECT id, {VECTOR} FROM labeling_item;
CREATE INDEX labeling_itemtext_words ON labeling_itemtext USING gin (labeling_itemtext);
DROP INDEX item_text;
"""
BACKWARD = f"""
CREATE INDEX item_text ON labeling_item USING gin (({VECTOR}));
DROP TABLE labeling_itemtext;
"""


def move_words(apps, schema_editor):
    """Give the words a table of their own on PostgreSQL, as they have on SQLite."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.connection.cursor().execute(FORWARD)


def move_back(apps, schema_editor):
    """Index the words in the table of items."""
    if schema_editor.connection.vendor == 'postgresql':
        schema_editor.connection.cursor().execute(BACKWARD)


class Migration(migrations.Migration):

    dependencies = [('labeling', '0018_reasons_and_barred')]

    operations = [migrations.RunPython(move_words, move_back)]
