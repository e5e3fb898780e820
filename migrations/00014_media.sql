-- +goose Up

-- Files that people sent. A row is written with the message; the file is fetched
-- from the provider soon after, and kept encrypted for the desk.
create table media (
    id           uuid primary key,
    source       text not null,                  -- of the message in inbox
    source_id    text not null,
    ordinal      smallint not null,
    ref          bytea not null,                 -- encrypted JSON: where the provider has it
    state        text not null default 'waiting' check (state in ('waiting', 'stored', 'gone')),
    content_type text not null default '',
    content      bytea,                          -- encrypted
    size         integer not null default 0 check (size >= 0), -- bytes of the file itself
    reason       text not null default '',       -- with gone: why, in words for the desk
    tries        smallint not null default 0,
    retry_at     timestamptz not null,
    created_at   timestamptz not null,
    settled_at   timestamptz,
    unique (source, source_id, ordinal),
    check ((state = 'stored') = (content is not null)),
    check ((state = 'waiting') = (settled_at is null))
);
create index media_waiting on media (retry_at) where state = 'waiting';

-- How far the lists of a provider were read for what its webhooks did not bring.
create table poll_mark (
    provider text primary key,
    read_to  timestamptz not null
);

-- +goose Down
drop table poll_mark, media;
