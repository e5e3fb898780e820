-- +goose Up

-- A complaint is answered by a person and closed by who complained, or by time.
alter table complaint
    add column state text not null default 'OPEN' check (state in ('OPEN', 'ANSWERED', 'CLOSED')),
    add column answered_at timestamptz,
    add column closed_at timestamptz,
    add check ((state = 'CLOSED') = (closed_at is not null));
create index complaint_person on complaint (person_id, opened_at) where state <> 'CLOSED';

-- What a person asks for and people see to: one open of a kind at a time.
create sequence folio_s;
create table request (
    id          uuid primary key,
    folio       text not null unique,
    kind        text not null,
    contact_key text not null,
    person_id   uuid not null references person,
    note        bytea,                           -- encrypted: in her words
    opened_at   timestamptz not null,
    due_by      timestamptz not null,
    closed_at   timestamptz,
    decision    text not null check (decision in ('', 'aprobada', 'contraoferta', 'rechazada')),
    reason      text not null,
    cents       bigint not null check (cents >= 0),
    retry_on    date,
    rev         bigint not null default 1
);
create unique index request_one_open on request (person_id, kind) where closed_at is null;
create index loan_distributor on loan (distributor_id) where state = 'ACTIVE';

-- +goose Down
drop index loan_distributor;
drop table request;
drop sequence folio_s;
drop index complaint_person;
alter table complaint drop column closed_at, drop column answered_at, drop column state;
