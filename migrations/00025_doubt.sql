-- +goose Up

-- Who holds a contact is sometimes not sure: the number or the device changed,
-- another user of the channel writes from it, it was silent for months. Until
-- that is proven nothing personal is said there and no money moves.
alter table contact
    add column doubted_at timestamptz,             -- since when; null: no doubt
    add column doubt      text not null default '', -- why, one word
    add column wrong_answers  smallint not null default 0 check (wrong_answers >= 0), -- wrong answers in a row
    add column proven_at  timestamptz,             -- when she last proved it here
    add column user_id    text not null default '', -- the channel's own id of its user, where one was told
    add column came_from  text not null default '', -- the contact that the channel says she moved from
    add constraint contact_doubt check ((doubted_at is null) = (doubt = ''));

-- The contact at which a person is written to, once she has proved another than
-- her phone on file to be hers; '' is that phone.
alter table person add column reach text not null default '';

-- Whether a message may be read by whoever holds the number: what asks for proof,
-- and the confirmation of BAJA.
alter table outbox add column anyone boolean not null default false;

-- What was kept back for a doubt goes once it is gone, if it is still of use.
-- +goose StatementBegin
create function release_proven() returns trigger language plpgsql as $$
begin
    update outbox set state = 'queued', settled_at = null, reason = '', ready = true
    where conversation_id = (select id from conversation where key = new.key)
      and state = 'suppressed' and reason = 'falta comprobar quién tiene este número' and expires_at > new.proven_at;
    return null;
end $$;

-- Who proved another contact to be hers goes on there where she stood: what is
-- open, what it waits for and what has happened since. Refusals to be written to
-- count at both. The old conversation is locked first, so that whoever is working
-- on it is done.
create function follow_reach() returns trigger language plpgsql as $$
declare
    old_key text := coalesce(nullif(old.reach, ''), 'tel:' || old.phone);
    new_key text := coalesce(nullif(new.reach, ''), 'tel:' || new.phone);
    old_id  uuid;
    new_id  uuid;
begin
    if old_key = new_key then
        return null;
    end if;
    insert into contact_alias (key, other) values (old_key, new_key), (new_key, old_key) on conflict do nothing;
    select id into old_id from conversation where key = old_key for update;
    select id into new_id from conversation where key = new_key;
    if old_id is null or new_id is null then
        return null;
    end if;
    update timer set conversation_id = new_id where conversation_id = old_id;
    update dialogue set conversation_id = new_id, status = case when status = 'asking' then 'parked' else status end, question = null
    where conversation_id = old_id and status <> 'ended' and about_kind <> '';
    update inbox set conversation_id = new_id where conversation_id = old_id and state = 'pending' and kind in ('core', 'outcome', 'begin');
    update outbox set state = 'cancelled', settled_at = now(), reason = 'ahora se le escribe a su otra dirección'
    where conversation_id = old_id and state = 'queued';
    return null;
end $$;

-- As before, but the contact itself is written with the merge, which raises a
-- doubt there.
create or replace function follow_merge() returns trigger language plpgsql as $$
declare
    who uuid := coalesce(new.merged_into, new.id);
    mine text := 'tel:' || new.phone;
begin
    update conversation set person_id = who, version = version + 1 where key = mine and person_id is not null and person_id <> who;
    delete from contact_alias where mine in (key, other);
    insert into contact_alias (key, other)
    select a.key, a.other from (
        select mine as key, 'tel:' || p.phone as other from person p where new.merged_into in (p.id, p.merged_into) and p.id <> new.id
        union all
        select 'tel:' || p.phone, mine from person p where new.merged_into in (p.id, p.merged_into) and p.id <> new.id) a;
    return null;
end $$;
-- +goose StatementEnd
create trigger contact_proven after update of doubted_at on contact for each row
    when (old.doubted_at is not null and new.doubted_at is null and new.proven_at is distinct from old.proven_at) execute function release_proven();
create trigger person_reach after update of reach on person for each row
    when (old.reach is distinct from new.reach) execute function follow_reach();

-- +goose Down
drop trigger person_reach on person;
drop trigger contact_proven on contact;
drop function follow_reach();
drop function release_proven();
-- +goose StatementBegin
create or replace function follow_merge() returns trigger language plpgsql as $$
declare
    who uuid := coalesce(new.merged_into, new.id);
    mine text := 'tel:' || new.phone;
begin
    update conversation set person_id = who, version = version + 1 where key = mine and person_id is not null and person_id <> who;
    update contact set person_id = who, rev = rev + 1 where key = mine and person_id is not null and person_id <> who;
    delete from contact_alias where mine in (key, other);
    insert into contact_alias (key, other)
    select a.key, a.other from (
        select mine as key, 'tel:' || p.phone as other from person p where new.merged_into in (p.id, p.merged_into) and p.id <> new.id
        union all
        select 'tel:' || p.phone, mine from person p where new.merged_into in (p.id, p.merged_into) and p.id <> new.id) a;
    return null;
end $$;
-- +goose StatementEnd
alter table outbox drop column anyone;
alter table person drop column reach;
alter table contact drop constraint contact_doubt, drop column came_from, drop column user_id, drop column proven_at, drop column wrong_answers, drop column doubt, drop column doubted_at;
