-- +goose Up

-- A code that did not arrive is told again a few times, then a person looks.
alter table withdrawal_code add column resent smallint not null default 0 check (resent >= 0);

-- Messages that will not arrive, for those that money hangs on.
create index outbox_lost on outbox (settled_at) where state in ('failed', 'expired', 'suppressed') and lane < 3;
