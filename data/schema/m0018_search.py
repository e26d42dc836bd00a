"""One text per person to look through, in one index: half of what two cost at a hundred thousand people; and ends of numbers.

Separated by U+001F, which no name has and which sorts before all that a name has: so the order is that of user names.
"""

NAME = "0018_search"

SQL = """
ALTER TABLE users ADD COLUMN search_key TEXT GENERATED ALWAYS AS (name_key || char(31) || display_key) VIRTUAL;
DROP INDEX users_searched;
CREATE INDEX users_searched ON users (search_key) WHERE deleted_at IS NULL;
CREATE INDEX factors_by_tail ON factors (number_tail, user_id) WHERE number_tail IS NOT NULL;
"""
