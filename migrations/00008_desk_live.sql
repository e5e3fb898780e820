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

-- Who may see and do what at the desk. An agent works the queues that she is
-- given, or all if none is named; a supervisor sees everything; an auditor sees
-- everything and changes nothing.
alter table agent
    add column role text not null default 'agent' check (role in ('agent', 'supervisor', 'auditor')),
    add column queues text[] not null default '{}';

-- +goose StatementBegin
create function desk_sees(viewer text, of_owner text, of_agent text, of_queue text) returns boolean language sql stable as $$
    select exists (select from agent a where a.name = viewer and a.disabled_at is null and
        (a.role <> 'agent' or a.queues = '{}' or of_agent = viewer or of_owner <> 'bot' and of_queue = any (a.queues)))
$$;
-- +goose StatementEnd

-- What a complaint was answered with: kept for the authority.
alter table complaint add column resolution bytea; -- encrypted text
create index complaint_open on complaint (due_by) where state <> 'CLOSED';
create index request_open on request (due_by) where closed_at is null;

-- What somebody at the desk says that a text means. A second person accepts it;
-- it is then published with the flows.
create table lexicon_lesson (
    id              uuid primary key,
    at              timestamptz not null,
    author          text not null references agent,
    conversation_id uuid,                        -- where it was written; null if it was thought up
    class           text not null check (class <> ''),
    body            bytea not null,              -- encrypted JSON: the text and its counter-examples
    state           text not null default 'proposed' check (state in ('proposed', 'accepted', 'rejected')),
    decided_by      text references agent check (decided_by <> author),
    decided_at      timestamptz,
    check ((state = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null))
);
create index lexicon_lesson_state on lexicon_lesson (state, at);

-- +goose Down
drop table lexicon_lesson;
drop index request_open, complaint_open;
alter table complaint drop column resolution;
drop function desk_sees(text, text, text, text);
alter table agent drop column queues, drop column role;
drop table desk_draft;
