-- +goose Up

-- The sub-flows that a dialogue is inside of, outermost first, as "name@version":
-- a version is needed for as long as somebody is to come back into it.
alter table dialogue add column inside text[] not null default '{}';
create index dialogue_inside on dialogue using gin (inside) where status <> 'ended' and inside <> '{}';

-- Wordings under test that made too many people leave or complain: nobody hears
-- them any more.
create table flow_arm_stop (
    test       text not null,
    arm        text not null check (arm in ('a', 'b')),
    heard      integer not null check (heard > 0),  -- people who heard it
    bad        integer not null check (bad between 1 and heard),
    above      smallint not null check (above between 1 and 99), -- percent from which the file stops it
    stopped_at timestamptz not null,
    primary key (test, arm)
);
create trigger flow_arm_stop_immutable before update or delete on flow_arm_stop for each row execute function refuse_change();

-- Whether a publication waits for a second person, whoever makes it and however.
-- The newest row counts.
create table flow_four_eyes (
    id       bigint generated always as identity primary key,
    required boolean not null,
    by       text not null check (by <> ''),
    at       timestamptz not null
);
create trigger flow_four_eyes_immutable before update or delete on flow_four_eyes for each row execute function refuse_change();

-- In which language somebody wants to be written to, as the folder of its
-- messages; '' is the first one, Spanish.
alter table person add column language text not null default '' check (language ~ '^([a-z]{2}(-[A-Z]{2})?)?$');

-- +goose Down
alter table person drop column language;
drop table flow_four_eyes, flow_arm_stop;
drop index dialogue_inside;
alter table dialogue drop column inside;
