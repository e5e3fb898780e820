-- +goose Up

-- What providers ask for a message, as the newest price file says. What was
-- frozen in message_cost does not change with it.
create table message_price (
    channel    text not null check (channel <> ''),
    category   text not null check (category <> ''), -- segment (SMS); service, utility, authentication, marketing (WhatsApp)
    from_at    timestamptz not null,                 -- the price holds until the next row's
    micropesos bigint not null check (micropesos >= 0),
    example    boolean not null,                     -- not the contract's: a stand-in
    primary key (channel, category, from_at)
);

-- What each message cost when a provider took it: one row per hand-over, since
-- one that is tried again is billed again. Append only.
create table message_cost (
    message_id      uuid not null,
    attempt         smallint not null,
    conversation_id uuid not null,
    dialogue_id     uuid,
    at              timestamptz not null,
    channel         text not null,
    category        text not null,
    campaign        text not null,
    segments        smallint not null check (segments > 0),
    micropesos      bigint check (micropesos >= 0),  -- for all segments; null = no price held that day
    example         boolean not null,
    primary key (message_id, attempt)
);
create index message_cost_at on message_cost (at);
create trigger message_cost_append_only before update or delete on message_cost for each row execute function refuse_change();

-- The template that a message goes as, '' for none: the provider bills by its
-- category, and the body is sealed.
alter table outbox add column template text not null default '';

-- +goose Down
alter table outbox drop column template;
drop table message_cost, message_price;
