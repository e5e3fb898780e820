-- +goose Up

-- Who we talk with. One row per contact: all spellings and channels of one
-- phone meet in one key, so that a person has one floor and one owner.
create table conversation (
    id            uuid primary key,
    key           text not null unique check (key <> ''),
    person_id     uuid,
    channel       text not null check (channel in ('sms', 'whatsapp')),
    address       text not null,                 -- exactly as the person last wrote from
    sender        text not null default '',      -- ours; '' = the configured default
    owner         text not null default 'bot' check (owner in ('bot', 'queue', 'agent')),
    agent         text not null default '' check ((owner = 'agent') = (agent <> '')),
    queue         text not null default '',
    reason        text not null default '',
    priority      smallint not null default 1 check (priority between 0 and 2),
    epoch         integer not null default 0,
    version       bigint not null default 0,     -- grows with every write; conditional updates name it
    floor         uuid,                          -- the dialogue whose question is open
    queued_at     timestamptz,
    last_in_at    timestamptz,
    last_wa_in_at timestamptz,                   -- opens WhatsApp's 24 h window
    last_out_at   timestamptz,
    created_at    timestamptz not null
);
create index conversation_desk on conversation (priority desc, queued_at) where owner <> 'bot';
create index conversation_person on conversation (person_id) where person_id is not null;

-- Contacts and what they told us about writing to them.
create table contact (
    key             text primary key,
    person_id       uuid,
    opted_out_at    timestamptz,
    wrong_number_at timestamptz,
    rev             bigint not null default 1
);

-- Everything that happens to a conversation comes through this one door. The
-- unique key makes a repeated delivery a no-op. No foreign key: the row is
-- written in the same transaction as its conversation, and checks cost a third
-- of the accept rate.
create table inbox (
    id              uuid primary key,            -- UUIDv7: the order of arrival
    conversation_id uuid not null,
    source          text not null,               -- twilio, core, timer, desk
    source_id       text not null,
    kind            text not null check (kind in ('message', 'core', 'outcome', 'timer', 'desk')),
    payload         bytea not null,              -- encrypted JSON
    received_at     timestamptz not null,
    state           text not null default 'pending' check (state in ('pending', 'handled', 'dead')),
    attempts        smallint not null default 0,
    retry_at        timestamptz not null,
    handled_at      timestamptz,
    heard           text not null default '',    -- what it was understood as
    secret          boolean not null default false, -- the text is a secret answer: the desk masks it
    fault           text not null default '',
    unique (source, source_id),
    check ((state = 'pending') = (handled_at is null))
);
create index inbox_pending on inbox (retry_at, id) where state = 'pending';
create index inbox_thread on inbox (conversation_id, id);

-- A flow in progress with a person. Its version is pinned for life.
create table dialogue (
    id              uuid primary key,
    conversation_id uuid not null,
    flow            text not null,
    version         integer not null check (version > 0),
    about_kind      text not null default '',
    about_id        text not null default '',
    status          text not null check (status in ('asking', 'waiting', 'acting', 'parked', 'handed', 'ended')),
    step            text not null,
    turn            integer not null,            -- grows when the state moves; timers carry it
    state           bytea not null,              -- encrypted JSON
    question        uuid,                        -- outbox row of the open question
    trail           bytea not null,              -- encrypted JSON: what was offered and answered
    priority        smallint not null,
    started_at      timestamptz not null,
    moved_at        timestamptz not null,
    ended_at        timestamptz,
    outcome         text not null default '',
    check ((status = 'ended') = (ended_at is not null))
);
create index dialogue_open on dialogue (conversation_id) where status <> 'ended';
create index dialogue_where on dialogue (flow, version, step) where status <> 'ended';

create table timer (
    dialogue_id     uuid not null,
    name            text not null,
    conversation_id uuid not null,
    turn            integer not null,            -- of the dialogue when it was set; another turn makes it stale
    due_at          timestamptz not null,
    primary key (dialogue_id, name)
);
create index timer_due on timer (due_at);

-- Messages on their way to people.
create table outbox (
    id              uuid primary key,            -- UUIDv7; comes back in the provider's callback
    conversation_id uuid not null,
    dialogue_id     uuid,
    author          text not null,               -- bot, or agent:name
    epoch           integer not null,            -- of the conversation when it was written
    lane            smallint not null check (lane between 0 and 4),
    message_key     text not null default '',
    channel         text not null,
    sender          text not null,
    address         text not null,
    body            bytea not null,              -- encrypted JSON: text, choices, template
    body_hash       bytea not null,              -- SHA-256 of the text as sent
    secret          boolean not null default false,
    segments        smallint not null check (segments > 0),
    zone            text not null,
    hours           text not null default '',    -- "09:00-20:00" in zone; '' = any hour
    per_day         smallint not null default 0, -- at most so many reminders a day to this contact; 0 = no cap
    per_week        smallint not null default 0,
    state           text not null default 'queued' check (state in
                      ('queued', 'sending', 'unknown', 'accepted', 'failed', 'cancelled', 'expired', 'suppressed', 'suggested')),
    reason          text not null default '',    -- why it was not sent, in words for the desk
    not_before      timestamptz not null,
    expires_at      timestamptz not null,
    attempt         smallint not null default 0,
    sending_at      timestamptz,                 -- just before the provider was called, on the product's clock
    lease_until     timestamptz,                 -- real time, unlike all other times here
    provider_id     text,
    rank            smallint not null default 0,
    error_code      integer not null default 0,
    finds           smallint not null default 0, -- how often an unknown message was looked up in vain
    created_at      timestamptz not null,
    settled_at      timestamptz,                 -- when it left queued/sending/unknown
    check (state not in ('sending', 'unknown') or sending_at is not null),
    check ((state in ('queued', 'sending', 'unknown')) = (settled_at is null))
);
create unique index outbox_provider on outbox (provider_id) where provider_id is not null;
create index outbox_queue on outbox (lane, id) where state = 'queued';
create index outbox_flight on outbox (lease_until) where state in ('sending', 'unknown');
create index outbox_open on outbox (conversation_id, id) where state in ('queued', 'sending', 'unknown');
create index outbox_thread on outbox (conversation_id, id);

-- One row per turn: where the dialogue stood, what happened, where it went.
create table step_log (
    id              uuid primary key,
    conversation_id uuid not null,
    dialogue_id     uuid not null,
    event_id        uuid not null,
    flow            text not null,
    version         integer not null,
    event           text not null,
    from_step       text not null,
    to_step         text not null,
    path            text[] not null,
    heard           text not null,
    effects         text[] not null,             -- names only, never contents
    at              timestamptz not null
);
create index step_log_thread on step_log (conversation_id, id);

-- Who did what, and who read what of a person. Append only.
create table audit (
    id           uuid primary key,
    at           timestamptz not null,
    actor        text not null check (actor <> ''),
    action       text not null,
    subject_kind text not null,
    subject_id   text not null,
    outcome      text not null,
    cause        text not null,
    detail       text not null
);
create index audit_subject on audit (subject_kind, subject_id, id);

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append only', tg_table_name using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
create trigger audit_append_only before update or delete on audit for each row execute function refuse_change();

-- +goose Down
drop table audit, step_log, outbox, timer, dialogue, inbox, contact, conversation;
drop function refuse_change();
