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

-- What somebody who applies says that she earns, and pays elsewhere a month.
alter table request
    add column income_cents bigint not null default 0 check (income_cents >= 0),
    add column income_per text not null default '' check (income_per in ('', 'semana', 'quincena', 'mes')),
    add column debts_cents bigint not null default 0 check (debts_cents >= 0),
    add check ((income_cents = 0) = (income_per = ''));

-- +goose Down
alter table request drop column debts_cents, drop column income_per, drop column income_cents;
alter table contact drop column misses, drop column missed_on;
drop table referral;
