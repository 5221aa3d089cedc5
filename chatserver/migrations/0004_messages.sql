-- The statement that stores a message finds its author and locks its room's row (rooms/chat/store.py),
-- so a foreign key finds nothing that it has not found. Two of them, and an index of ids that nothing
-- is looked up by, were half of what PostgreSQL spent on a message. What the keys did in the other
-- direction is done here, where only those pay for it who delete a room or an account.
ALTER TABLE messages
    DROP CONSTRAINT messages_room_id_fkey,
    DROP CONSTRAINT messages_author_id_fkey,
    DROP CONSTRAINT messages_id_key;

CREATE FUNCTION delete_messages_of_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM messages WHERE room_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_go_with_their_room AFTER DELETE ON rooms
    FOR EACH ROW EXECUTE FUNCTION delete_messages_of_room();

-- Waits for messages that are being stored, and lets others wait: the statement that stores looks
-- for the author only after it has this lock.
CREATE FUNCTION lock_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE messages IN SHARE ROW EXCLUSIVE MODE;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_stand_still BEFORE DELETE ON people
    FOR EACH STATEMENT EXECUTE FUNCTION lock_messages();

CREATE FUNCTION keep_author_of_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM messages WHERE author_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = 'messages of this person are still there';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER messages_keep_their_author BEFORE DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION keep_author_of_messages();
