-- +goose Up

-- A word that one person passes on to another whom we do not know: it says who
-- may write to us first, never whom we write to.
create table referral (
    id          uuid primary key,
    word        text not null unique check (word ~ '^AMIGA-[0-9A-Z]{6}$'),
    referrer_id uuid not null references person,
    made_at     timestamptz not null,
    expires_at  timestamptz not null check (expires_at > made_at),
    taken_at    timestamptz,
    taken_by    uuid unique references person check (taken_by <> referrer_id),
    rev         bigint not null default 1,
    check ((taken_at is null) = (taken_by is null))
);
create index referral_referrer on referral (referrer_id, made_at);

-- How many words that nobody gave out a number wrote on a day.
alter table contact
    add column missed_on date,
    add column misses integer not null default 0 check (misses >= 0);

-- +goose Down
alter table contact drop column misses, drop column missed_on;
drop table referral;
