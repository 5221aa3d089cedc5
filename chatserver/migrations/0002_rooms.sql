-- Rooms and what is said in them. Bodies are AES-256-GCM under the room's own key.

CREATE TABLE rooms (
    id                  uuid PRIMARY KEY,
    kind                text NOT NULL DEFAULT 'group' CHECK (kind IN ('group')),
    name                text NOT NULL,
    topic               text NOT NULL DEFAULT '',
    access              text NOT NULL CHECK (access IN ('open', 'invitation', 'hidden')),
    agreements          text NOT NULL DEFAULT '',
    agreements_version  int NOT NULL DEFAULT 1,
    capacity            int NOT NULL CHECK (capacity >= 2),
    expires_after_days  int CHECK (expires_after_days >= 1),
    -- The room's data key, wrapped by the community key named by key_id.
    wrapped_key         bytea NOT NULL,
    key_id              text NOT NULL,
    -- Three counters that say "something is new": a node that missed a hint sees it here.
    last_seq            bigint NOT NULL DEFAULT 0,
    revision            bigint NOT NULL DEFAULT 0,
    members_version     bigint NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL
);

CREATE TABLE memberships (
    room_id         uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    person_id       uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    relation        text NOT NULL CHECK (relation IN ('invited', 'room_member', 'facilitator')),
    agreed_version  int NOT NULL DEFAULT 0,
    read_seq        bigint NOT NULL DEFAULT 0,
    since           timestamptz NOT NULL,
    PRIMARY KEY (room_id, person_id)
);
CREATE INDEX memberships_person ON memberships (person_id);

CREATE TABLE messages (
    room_id    uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq        bigint NOT NULL CHECK (seq >= 1),
    id         uuid NOT NULL UNIQUE,
    author_id  uuid NOT NULL REFERENCES people,
    key        uuid NOT NULL,
    at         timestamptz NOT NULL,
    state      text NOT NULL CHECK (state IN ('visible', 'held', 'removed', 'retracted')),
    body       bytea,
    reply_to   bigint,
    edited_at  timestamptz,
    revision   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, seq),
    UNIQUE (room_id, author_id, key),
    CHECK ((body IS NULL) = (state = 'retracted'))
);
CREATE INDEX messages_revision ON messages (room_id, revision) WHERE revision > 0;
CREATE INDEX messages_at ON messages (room_id, at);

CREATE TABLE reactions (
    room_id    uuid NOT NULL,
    seq        bigint NOT NULL,
    person_id  uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    reaction   text NOT NULL,
    PRIMARY KEY (room_id, seq, person_id, reaction),
    FOREIGN KEY (room_id, seq) REFERENCES messages ON DELETE CASCADE
);
