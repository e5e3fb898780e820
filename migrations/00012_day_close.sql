-- +goose Up

-- Each active loan says on which day it must be looked at next. Rows are short,
-- because plans lie beside them, and are rewritten in place, because pages have
-- room and no index holds what changes; a change that is none of the state's is
-- not checked as one.
alter table loan add column wake_on date;
update loan set wake_on = active_on where state = 'ACTIVE';
drop index loan_due;
alter table loan drop column reminded_on;
alter table loan set (fillfactor = 50, toast_tuple_target = 256);
drop trigger loan_transition on loan;
create trigger loan_transition before insert or update of state on loan for each row execute function check_transition('loan');

-- How far the close of each day has come.
create table day_close (
    day         date primary key,
    started_at  timestamptz not null,
    finished_at timestamptz,
    total       bigint not null default 0,       -- loans to be looked at when it began
    done        bigint not null default 0,       -- looked at
    entries     bigint not null default 0,
    lines       bigint not null default 0,       -- of the ledger
    events      bigint not null default 0,
    failed      bigint not null default 0        -- left for the next close
);

-- Whole statements of lines are checked at once: an entry of the day close has
-- thousands, and summing it for each of them would take for ever. An entry's
-- lines come in one statement; more of them later would have to sum to zero by
-- themselves, and would break the chain.
drop trigger ledger_line_balanced on ledger_line;
drop function check_line();
alter table ledger_line drop constraint ledger_line_entry_id_fkey;
-- +goose StatementBegin
create function check_lines() returns trigger language plpgsql as $$
declare
    wrong uuid;
begin
    select a.entry_id into wrong from (select distinct entry_id from added) a
    where not exists (select from ledger_entry e where e.id = a.entry_id)
       or (select sum(l.cents) from ledger_line l where l.entry_id = a.entry_id) <> 0
    limit 1;
    if found then
        raise exception 'ledger entry % does not exist or does not sum to zero', wrong using errcode = 'check_violation';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger ledger_line_balanced after insert on ledger_line referencing new table as added
    for each statement execute function check_lines();

-- +goose Down
drop trigger ledger_line_balanced on ledger_line;
drop function check_lines();
alter table ledger_line add constraint ledger_line_entry_id_fkey foreign key (entry_id) references ledger_entry;
-- +goose StatementBegin
create function check_line() returns trigger language plpgsql as $$
begin
    if (select sum(cents) from ledger_line where entry_id = new.entry_id) <> 0 then
        raise exception 'ledger entry % does not sum to zero', new.entry_id using errcode = 'check_violation';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create constraint trigger ledger_line_balanced after insert on ledger_line deferrable initially deferred
    for each row execute function check_line();
drop table day_close;
alter table loan reset (fillfactor, toast_tuple_target);
drop trigger loan_transition on loan;
create trigger loan_transition before insert or update on loan for each row execute function check_transition('loan');
alter table loan add column reminded_on date;
create index loan_due on loan (next_due, id) where state = 'ACTIVE';
alter table loan drop column wake_on;
