-- +goose Up

-- Two records of one person: the second one points at the one that is kept.
-- Nothing of hers is rewritten, so that undoing it restores exactly what was.
alter table person
    add column merged_into uuid references person check (merged_into <> id),
    add column holds integer not null default 0 check (holds >= 0), -- how many were merged into this one
    add constraint person_merge_flat check (merged_into is null or holds = 0);
create index person_merged on person (merged_into) where merged_into is not null;

-- The other phones of somebody who has several, both ways.
create table contact_alias (
    key   text not null,
    other text not null check (other <> key),
    primary key (key, other)
);

-- The conversations of a merged person are those of the kept one, and her own
-- again once that is undone.
-- +goose StatementBegin
create function follow_merge() returns trigger language plpgsql as $$
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

-- What somebody said at one of her phones counts at all of them; the newest word holds.
create or replace function consents(key text, on_channel text, for_purpose text) returns boolean stable language sql as $$
    select granted from consent
    where (contact_key = consents.key or contact_key in (select a.other from contact_alias a where a.key = consents.key))
      and purpose = for_purpose and channel in ('', on_channel)
    order by at desc, granted limit 1
$$;
-- +goose StatementEnd
create trigger person_merge after update of merged_into on person for each row
    when (old.merged_into is distinct from new.merged_into) execute function follow_merge();

-- +goose Down
drop trigger person_merge on person;
drop function follow_merge();
-- +goose StatementBegin
create or replace function consents(key text, on_channel text, for_purpose text) returns boolean stable language sql as $$
    select granted from consent
    where contact_key = key and purpose = for_purpose and channel in ('', on_channel)
    order by at desc, granted limit 1
$$;
-- +goose StatementEnd
drop table contact_alias;
drop index person_merged;
alter table person drop constraint person_merge_flat, drop column holds, drop column merged_into;
