-- +goose Up

-- What an agent has written and not sent yet, so that a closed tab or another
-- machine loses nothing. A draft that was touched a moment ago says to
-- colleagues that she is writing.
create table desk_draft (
    conversation_id uuid not null,
    agent           text not null references agent,
    body            bytea not null,              -- encrypted text
    at              timestamptz not null,        -- real time, like sessions
    primary key (conversation_id, agent)
);

-- +goose Down
drop table desk_draft;
