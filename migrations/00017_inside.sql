-- +goose Up

-- The sub-flows that a dialogue is inside of, outermost first, as "name@version":
-- a version is needed for as long as somebody is to come back into it.
alter table dialogue add column inside text[] not null default '{}';
create index dialogue_inside on dialogue using gin (inside) where status <> 'ended' and inside <> '{}';

-- +goose Down
drop index dialogue_inside;
alter table dialogue drop column inside;
