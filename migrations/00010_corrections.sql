-- +goose Up

-- Money is kept before anybody knows for whom it is, and a rail's reference may
-- repeat on another operation date.
alter table payment
    alter column loan_id drop not null,
    alter column person_id drop not null,
    add column operated_on date,
    add column written bytea,                    -- encrypted JSON: what the payer gave to say whom it is for
    add column matched_at timestamptz,           -- when a person placed it; null if it was placed on receipt
    add column parked text not null default '',  -- code of why nobody could place it
    add constraint payment_placed check (state not in ('MATCHED', 'POSTED', 'REVERSED') or (loan_id is not null and person_id is not null)),
    add constraint payment_parked check ((parked <> '') = (loan_id is null)),
    drop constraint payment_source_reference_key,
    add constraint payment_source_reference_key unique nulls not distinct (source, reference, operated_on);
create index payment_person on payment (person_id, value_date, received_at) where person_id is not null;
create index relacion_deposit_distributor on relacion_deposit (distributor_id, received_at);
create index payment_suspense on payment (received_at, id) where state in ('UNMATCHED', 'RETURN_REQUESTED');

-- Changes of somebody's money that no deposit and no schedule makes.
create sequence folio_a;
create table correction (
    id          uuid primary key,
    folio       text not null unique,
    kind        text not null check (kind in ('cotejo', 'devolucion', 'desaplicar', 'quita', 'bonificacion', 'condonacion', 'castigo', 'reembolso')),
    state       text not null,
    person_id   uuid references person,
    loan_id     uuid references loan,
    payment_id  uuid references payment,
    cents       bigint not null check (cents > 0),
    on_day      date not null,
    reason      text not null check (reason <> ''),
    evidence    bytea not null,                  -- encrypted
    proposed_by text not null check (proposed_by <> ''),
    decided_by  text not null,
    proposed_at timestamptz not null,
    decided_at  timestamptz,
    rev         bigint not null default 1,
    check ((state = 'PROPOSED') = (decided_at is null)),
    check ((decided_by = '') = (decided_at is null)),
    check (kind in ('cotejo', 'devolucion', 'reembolso', 'desaplicar') or loan_id is not null),
    -- What takes money from the books takes two people.
    check (kind in ('quita', 'bonificacion', 'condonacion') or state not in ('DONE', 'UNDONE') or decided_by <> proposed_by)
);
create index correction_person on correction (person_id, proposed_at, id) where person_id is not null;
create index correction_open on correction (proposed_at, id) where state = 'PROPOSED';
create trigger correction_transition before insert or update on correction for each row execute function check_transition('correction');

-- +goose Down
drop table correction;
drop sequence folio_a;
drop index relacion_deposit_distributor, payment_suspense, payment_person;
alter table payment
    drop constraint payment_source_reference_key,
    drop constraint payment_parked,
    drop constraint payment_placed,
    drop column parked, drop column matched_at, drop column written, drop column operated_on,
    add constraint payment_source_reference_key unique (source, reference);
