-- +goose Up

-- When a person last got a tip: at most one a month, whatever restarts.
create table tip (
    person_id uuid primary key references person,
    told_on   date not null
);
create index consent_promotion on consent (contact_key) where purpose = 'marketing' and granted;

-- +goose Down
drop index consent_promotion;
drop table tip;
