-- +goose Up

-- When a person last got a tip: at most one a month, whatever restarts.
create table tip (
    person_id uuid primary key references person,
    told_on   date not null
);
create index consent_promotion on consent (contact_key) where purpose = 'marketing' and granted;

-- How much of its limit somebody who tries to log in has used, on all nodes. Keys
-- are hashes of a login or an address.
create table login_try (
    key bytea primary key check (length(key) = 32),
    tat timestamptz not null                     -- real time, of a GCRA
);

-- The second factor of an agent: a secret that her telephone shares (RFC 6238).
alter table agent
    add column totp bytea,                       -- encrypted; null while she has none
    add column totp_offered bytea,               -- encrypted; shown to her and not confirmed yet
    add column totp_step bigint not null default 0, -- the last one used: a code opens once
    add column recovery bytea[] not null default '{}'; -- SHA-256 of codes for who lost her telephone

-- +goose Down
alter table agent drop column recovery, drop column totp_step, drop column totp_offered, drop column totp;
drop table login_try;
drop index consent_promotion;
drop table tip;
