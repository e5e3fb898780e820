-- +goose Up

-- What agents write for each other about a chat. Never sent: these rows are in
-- no queue that a sender reads.
create table desk_note (
    id              uuid primary key,
    conversation_id uuid not null,
    agent           text not null references agent,
    body            bytea not null,              -- encrypted text
    at              timestamptz not null
);
create index desk_note_thread on desk_note (conversation_id, id);

-- A form of the desk that is sent twice is done once.
create unique index audit_desk_once on audit (cause) where action in ('desk.reply', 'desk.note');

create index agent_session_agent on agent_session (agent);

-- +goose Down
drop index agent_session_agent, audit_desk_once;
drop table desk_note;
