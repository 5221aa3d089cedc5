-- Who somebody is. Nothing that names a person outside: a handle and a password hash.

CREATE TABLE community (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    name        text NOT NULL,
    sample      boolean NOT NULL DEFAULT false,
    set_up      boolean NOT NULL DEFAULT false,
    setup_hash  bytea,
    -- Where a server last said it can be reached; links made on the command line use it.
    url         text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL
);

CREATE TABLE people (
    id              uuid PRIMARY KEY,
    handle          text NOT NULL,
    handle_key      text NOT NULL UNIQUE,
    password_hash   text,
    language        text NOT NULL DEFAULT 'en',
    presence_shown  boolean NOT NULL DEFAULT false,
    typing_shown    boolean NOT NULL DEFAULT false,
    suspended_at    timestamptz,
    created_at      timestamptz NOT NULL,
    -- Moves with every change of roles, settings, blocks or sessions; nodes look for it.
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX people_changed ON people (changed_at);

CREATE TABLE person_roles (
    person_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    role        text NOT NULL CHECK (role IN ('peer', 'moderator', 'safety_lead', 'admin')),
    granted_at  timestamptz NOT NULL,
    PRIMARY KEY (person_id, role)
);

CREATE TABLE sessions (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    token_hash    bytea NOT NULL UNIQUE,
    device        text NOT NULL,
    created_at    timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE invitations (
    id           uuid PRIMARY KEY,
    code_hash    bytea NOT NULL UNIQUE,
    role         text NOT NULL,
    created_by   uuid REFERENCES people ON DELETE SET NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    accepted_by  uuid REFERENCES people ON DELETE SET NULL,
    accepted_at  timestamptz
);

CREATE TABLE sign_in_links (
    code_hash   bytea PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL
);

-- Failed sign-ins only, by keyed hashes of handle and address; purged after an hour.
CREATE TABLE sign_in_failures (
    subject  bytea NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures (subject, at);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);

CREATE TABLE blocks (
    blocker     uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    blocked     uuid NOT NULL REFERENCES people ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (blocker, blocked),
    CHECK (blocker <> blocked)
);
CREATE INDEX blocks_blocked ON blocks (blocked);
