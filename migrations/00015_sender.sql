-- +goose Up

-- Who agreed to be written to, for what, and how we know. Append only: the
-- newest entry of a contact, channel and purpose is what holds.
create table consent_entry (
    id          uuid primary key,
    at          timestamptz not null,
    contact_key text not null check (contact_key <> ''),
    channel     text not null default '',        -- '' = all of them
    purpose     text not null check (purpose in ('service', 'reminder', 'marketing')),
    granted     boolean not null,
    source      text not null check (source in ('message', 'desk', 'provider', 'file')),
    evidence    text not null check (evidence <> ''), -- id of the message, of the report, or file and line
    actor       text not null check (actor <> '')
);
create index consent_entry_contact on consent_entry (contact_key, id);
create trigger consent_entry_append_only before update or delete on consent_entry for each row execute function refuse_change();

-- What holds, kept by the trigger below and written by nobody else.
create table consent (
    contact_key text not null,
    channel     text not null,
    purpose     text not null,
    granted     boolean not null,
    at          timestamptz not null,
    entry_id    uuid not null references consent_entry,
    primary key (contact_key, purpose, channel)
);
-- +goose StatementBegin
create function keep_consent() returns trigger language plpgsql as $$
begin
    insert into consent (contact_key, channel, purpose, granted, at, entry_id)
    values (new.contact_key, new.channel, new.purpose, new.granted, new.at, new.id)
    on conflict (contact_key, purpose, channel) do update
    set granted = excluded.granted, at = excluded.at, entry_id = excluded.entry_id
    where consent.at <= excluded.at;
    return null;
end $$;

-- Null where nobody said anything. What is said of all channels and what is said
-- of one count by their time; of the same moment, a no.
create function consents(key text, on_channel text, for_purpose text) returns boolean stable language sql as $$
    select granted from consent
    where contact_key = key and purpose = for_purpose and channel in ('', on_channel)
    order by at desc, granted limit 1
$$;
-- +goose StatementEnd
create trigger consent_entry_kept after insert on consent_entry for each row execute function keep_consent();

-- The public register of those who want no advertising of financial entities:
-- the newest list that was imported, whole.
create table reus_list (
    one     boolean primary key default true check (one),
    sha256  text not null,
    file    text not null,
    at      timestamptz not null,
    actor   text not null check (actor <> ''),
    count   integer not null check (count >= 0)
);
create table reus (
    phone text primary key check (phone ~ '^\+52[0-9]{10}$')
);

-- What the sender decides by.
alter table outbox
    add column ready     boolean not null default true,   -- not_before has passed; kept so that what waits for the morning is not looked at
    add column campaign  text not null default '',
    add column vft       bigint not null default 0,       -- turn among the campaigns of a lane, in segments by weight
    add column backup    smallint not null default 0 check (backup between 0 and 3), -- by SMS: 0 no, 1 possible, 2 wanted, 3 done
    add column parent_id uuid;                            -- the message that this one stands in for
create unique index outbox_child on outbox (parent_id, channel) where parent_id is not null;
create index outbox_backup on outbox (settled_at) where backup in (1, 2);
create index outbox_campaign on outbox (campaign, vft) where campaign <> '' and state = 'queued';
create index outbox_counted on outbox (conversation_id, sending_at) where lane >= 3 and sending_at is not null;
drop index outbox_queue;
create index outbox_queue on outbox (channel, lane, vft, id) where state = 'queued' and ready;
create index outbox_parked on outbox (not_before) where state = 'queued' and not ready;

-- A promotion is handed to a provider only for somebody who agreed to it, who
-- has not left, and who is not in the register.
-- +goose StatementBegin
create function check_promotion() returns trigger language plpgsql as $$
declare
    person text;
begin
    select c.key into person from conversation c where c.id = new.conversation_id;
    if person is null or consents(person, new.channel, 'marketing') is not true
       or exists (select from contact k where k.key = person and (k.opted_out_at is not null or k.wrong_number_at is not null))
       or exists (select from reus r where r.phone = substr(person, 5)) then
        raise exception 'message % is a promotion and its contact has not agreed to any', new.id
            using errcode = 'check_violation', constraint = 'promotion_needs_consent';
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger outbox_promotion before insert or update of state, lane, channel, conversation_id on outbox for each row
    when (new.lane = 4 and new.state in ('sending', 'unknown', 'accepted'))
    execute function check_promotion();

-- +goose Down
drop trigger outbox_promotion on outbox;
drop function check_promotion();
drop index outbox_parked, outbox_queue, outbox_counted, outbox_campaign, outbox_backup, outbox_child;
create index outbox_queue on outbox (lane, id) where state = 'queued';
alter table outbox drop column parent_id, drop column backup, drop column vft, drop column campaign, drop column ready;
drop table reus, reus_list, consent, consent_entry;
drop function consents(text, text, text), keep_consent();
