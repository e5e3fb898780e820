-- +goose Up

-- The program stopped between marking the message and hearing of it: that is no
-- try that the provider failed, and spends none.
alter table outbox add column stopped boolean not null default false;

-- +goose Down
alter table outbox drop column stopped;
