-- +goose Up

-- A complaint is answered by a person and closed by who complained, or by time.
alter table complaint
    add column state text not null default 'OPEN' check (state in ('OPEN', 'ANSWERED', 'CLOSED')),
    add column answered_at timestamptz,
    add column closed_at timestamptz,
    add check ((state = 'CLOSED') = (closed_at is not null));
create index complaint_person on complaint (person_id, opened_at) where state <> 'CLOSED';

-- +goose Down
drop index complaint_person;
alter table complaint drop column closed_at, drop column answered_at, drop column state;
