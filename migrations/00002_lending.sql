-- +goose Up

create table person (
    id           uuid primary key,
    phone        text not null unique check (phone ~ '^\+[0-9]{8,15}$'),
    name         text not null check (name <> ''),
    birth        bytea,                          -- encrypted ISO date
    limit_cents  bigint not null check (limit_cents >= 0),
    blocked      boolean not null,
    segment      text not null check (segment in ('puntual', 'leve', 'cronico')),
    paid_count   integer not null check (paid_count >= 0),
    broken       integer not null check (broken >= 0),
    verify_fails integer not null check (verify_fails >= 0),
    locked_until timestamptz,
    created_at   timestamptz not null,
    rev          bigint not null default 1
);

create table distributor (
    id           uuid primary key,
    person_id    uuid not null unique references person,
    state        text not null,
    limit_cents  bigint not null check (limit_cents >= 0),
    held_cents   bigint not null check (held_cents >= 0),
    used_cents   bigint not null check (used_cents >= 0),
    terms        integer[] not null,
    pin_hash     text not null,
    pin_fails    integer not null check (pin_fails >= 0),
    locked_until timestamptz,
    rev          bigint not null default 1,
    check (held_cents + used_cents <= limit_cents)
);

create sequence folio_v;
create sequence folio_q;

create table vale (
    id              uuid primary key,
    folio           text not null unique,
    distributor_id  uuid not null references distributor,
    person_id       uuid not null references person,
    state           text not null,
    principal_cents bigint not null check (principal_cents > 0),
    quote           jsonb not null,              -- frozen terms and rows
    terms_hash      text not null,
    expires_at      timestamptz not null,
    authorised_at   timestamptz not null,
    accepted_at     timestamptz,
    evidence        bytea,                       -- encrypted JSON
    loan_id         uuid unique,
    rev             bigint not null default 1,
    check ((state = 'CONVERTED') = (loan_id is not null)),
    check (loan_id is null or accepted_at is not null)
);
create index vale_person on vale (person_id) where state not in ('CONVERTED', 'DECLINED', 'EXPIRED', 'CANCELLED', 'REJECTED');
create index vale_distributor on vale (distributor_id, id);

create table loan (
    id              uuid primary key,
    vale_id         uuid not null unique references vale,
    folio           text not null unique,
    person_id       uuid not null references person,
    distributor_id  uuid not null references distributor,
    state           text not null,
    quote           jsonb not null,              -- terms and rows in force
    terms_hash      text not null,
    reference       text not null unique,
    active_on       date,
    replanned_at    timestamptz,                 -- when other rows replaced those of the vale
    released_cents  bigint not null check (released_cents >= 0),
    as_of           date,
    next_n          integer not null,
    next_due        date,
    next_cents      bigint not null,
    owed_cents      bigint not null check (owed_cents >= 0),
    overdue_cents   bigint not null check (overdue_cents >= 0),
    days_late       integer not null check (days_late >= 0),
    left_count      integer not null check (left_count >= 0),
    reminded_on     date,                        -- last day on which a reminder was considered
    rev             bigint not null default 1,
    check (state in ('PENDING_DISBURSEMENT', 'CANCELLED') or active_on is not null)
);
create index loan_person on loan (person_id);
create index loan_due on loan (next_due, id) where state = 'ACTIVE';

create table disbursement (
    id         uuid primary key,
    loan_id    uuid not null references loan,
    vale_id    uuid not null references vale,
    rail       text not null check (rail in ('atm', 'spei')),
    state      text not null,
    cents      bigint not null check (cents > 0),
    account    bytea,                            -- encrypted CLABE
    rastreo    text not null,
    token      text not null,
    created_at timestamptz not null,
    rev        bigint not null default 1
);
-- Money moves once: a loan has at most one attempt that is alive or has paid.
create unique index disbursement_one_live on disbursement (loan_id)
    where state not in ('REJECTED', 'RETURNED', 'CANCELLED');
create unique index disbursement_rastreo on disbursement (rastreo) where rastreo <> '';
create index disbursement_vale on disbursement (vale_id, id);

create table withdrawal_code (
    id         uuid primary key references disbursement,
    state      text not null,
    digits     bytea,                            -- encrypted; null until issued
    network    text not null,
    expires_at timestamptz,
    rev        bigint not null default 1
);

create table payment (
    id          uuid primary key,
    loan_id     uuid not null references loan,
    person_id   uuid not null references person,
    source      text not null,
    reference   text not null,
    cents       bigint not null check (cents > 0),
    value_date  date not null,
    received_at timestamptz not null,
    state       text not null,
    allocations jsonb not null,
    excess_cents bigint not null check (excess_cents >= 0),
    rev         bigint not null default 1,
    unique (source, reference)
);
create index payment_loan on payment (loan_id, value_date, received_at);

create table promise (
    id         uuid primary key,
    loan_id    uuid not null references loan,
    person_id  uuid not null references person,
    state      text not null,
    on_day     date not null,
    cents      bigint not null check (cents > 0),
    made_at    timestamptz not null,
    rev        bigint not null default 1
);
create unique index promise_one_open on promise (loan_id) where state = 'OPEN';
create index promise_loan on promise (loan_id, id);

create table complaint (
    id          uuid primary key,
    folio       text not null unique,
    contact_key text not null,
    person_id   uuid,
    opened_at   timestamptz not null,
    due_by      timestamptz not null,
    rev         bigint not null default 1
);

-- Which state may follow which, per machine, in one transaction or in several
-- steps of one. The rows are written from the program's own tables at
-- migration, so that both sides hold the same truth.
create table transition (
    machine    text not null,
    from_state text not null,                    -- '' = where a row may start
    to_state   text not null,
    primary key (machine, from_state, to_state)
);

-- +goose StatementBegin
create function check_transition() returns trigger language plpgsql as $$
declare
    before text := '';
begin
    if tg_op = 'UPDATE' then
        if old.state = new.state then return new; end if;
        before := old.state;
    end if;
    if not exists (select from transition where machine = tg_argv[0] and from_state = before and to_state = new.state) then
        raise exception '% may not go from "%" to "%"', tg_argv[0], before, new.state
            using errcode = 'check_violation', constraint = 'state_transition';
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger vale_transition before insert or update on vale for each row execute function check_transition('vale');
create trigger loan_transition before insert or update on loan for each row execute function check_transition('loan');
create trigger disbursement_transition before insert or update on disbursement for each row execute function check_transition('disbursement');
create trigger code_transition before insert or update on withdrawal_code for each row execute function check_transition('code');
create trigger payment_transition before insert or update on payment for each row execute function check_transition('payment');
create trigger promise_transition before insert or update on promise for each row execute function check_transition('promise');
create trigger distributor_transition before insert or update on distributor for each row execute function check_transition('distributor');

-- Double entry. Append only; every entry sums to zero, checked when the
-- transaction ends; entries are chained by hash in the order of seq.
create table ledger_entry (
    id     uuid primary key,
    seq    bigint generated always as identity unique,
    at     timestamptz not null,
    cause  text not null,
    memo   text not null,
    reverses uuid references ledger_entry,       -- the entry that this one undoes
    hash   bytea not null
);
create table ledger_line (
    entry_id uuid not null references ledger_entry,
    n        smallint not null,
    account  text not null,
    owner    text not null,
    cents    bigint not null check (cents <> 0), -- debit +, credit −
    primary key (entry_id, n)
);
create index ledger_line_account on ledger_line (account, owner);
create table ledger_head (
    one  boolean primary key default true check (one),
    hash bytea not null
);
insert into ledger_head (hash) values ('');

-- +goose StatementBegin
create function check_balanced() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(cents), 1) from ledger_line where entry_id = new.id) <> 0 then
        raise exception 'ledger entry % does not sum to zero', new.id using errcode = 'check_violation';
    end if;
    return null;
end $$;
create function check_line() returns trigger language plpgsql as $$
begin
    if (select sum(cents) from ledger_line where entry_id = new.entry_id) <> 0 then
        raise exception 'ledger entry % does not sum to zero', new.entry_id using errcode = 'check_violation';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create constraint trigger ledger_balanced after insert on ledger_entry deferrable initially deferred
    for each row execute function check_balanced();
create constraint trigger ledger_line_balanced after insert on ledger_line deferrable initially deferred
    for each row execute function check_line();
create trigger ledger_entry_append_only before update or delete on ledger_entry for each row execute function refuse_change();
create trigger ledger_line_append_only before update or delete on ledger_line for each row execute function refuse_change();

-- The desk's people, their sessions, and the product's clock.
create table agent (
    name          text primary key check (name ~ '^[a-z][a-z0-9_.-]{1,31}$'),
    full_name     text not null,
    password_hash text not null,
    created_at    timestamptz not null,
    disabled_at   timestamptz
);
create table agent_session (
    token_hash bytea primary key,                -- SHA-256 of the cookie's token
    agent      text not null references agent,
    csrf       text not null,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null
);
create table clock (
    one      boolean primary key default true check (one),
    ahead_ms bigint not null check (ahead_ms >= 0) -- how far a demo's clock was pushed; 0 in production
);
insert into clock (ahead_ms) values (0);
-- A text that only the right keys open: a database that is started with other
-- keys must say so at once, before anything is sealed with them.
create table key_check (
    one    boolean primary key default true check (one),
    sealed bytea not null
);
create table flow_version (
    flow         text not null,
    version      integer not null,
    sha256       text not null,
    source       text not null,
    published_at timestamptz not null,
    primary key (flow, version)
);

-- +goose Down
drop table flow_version, key_check, clock, agent_session, agent, ledger_head, ledger_line, ledger_entry, transition, complaint, promise, payment,
    withdrawal_code, disbursement, loan, vale, distributor, person;
drop function check_line(), check_balanced(), check_transition();
drop sequence folio_v, folio_q;
