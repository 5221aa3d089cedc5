-- Marks that the screen puts on messages, in the same commit. A flag outlives its message:
-- no foreign key, so that a purge cannot lose one.

CREATE TABLE flags (
    id              uuid PRIMARY KEY,
    room_id         uuid NOT NULL,
    seq             bigint NOT NULL,
    message_id      uuid NOT NULL,
    author_id       uuid NOT NULL,
    category        text NOT NULL,
    severity        smallint NOT NULL CHECK (severity BETWEEN 1 AND 4),
    reasons         jsonb NOT NULL,
    screen_version  text NOT NULL,
    created_at      timestamptz NOT NULL
);
CREATE INDEX flags_message ON flags (message_id);
CREATE INDEX flags_newest ON flags (severity DESC, created_at);
