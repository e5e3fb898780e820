-- +goose Up

-- The lines of an entry lie in its row, as three arrays of one length. They are
-- written together, never change and are read together; as rows of their own,
-- with two indexes, they cost most of what posting a payment does. That an entry
-- sums to zero is now a constraint of its row, which nothing can defer or get
-- around by adding a line later.
alter table ledger_entry add column accounts text[], add column owners text[], add column cents bigint[];
alter table ledger_entry disable trigger ledger_entry_append_only;
update ledger_entry e set accounts = l.accounts, owners = l.owners, cents = l.cents
from (select entry_id, array_agg(account order by n) as accounts, array_agg(owner order by n) as owners, array_agg(cents order by n) as cents
      from ledger_line group by entry_id) l
where l.entry_id = e.id;
alter table ledger_entry enable trigger ledger_entry_append_only;
drop trigger ledger_balanced on ledger_entry;
drop function check_balanced();
drop table ledger_line;
drop function check_lines();

-- +goose StatementBegin
create function balanced(accounts text[], owners text[], cents bigint[]) returns boolean immutable language plpgsql as $$
declare
    one bigint;
    total bigint := 0;
begin
    if coalesce(array_ndims(cents), 0) <> 1 or coalesce(array_ndims(accounts), 0) <> 1 or coalesce(array_ndims(owners), 0) <> 1
       or cardinality(accounts) <> cardinality(cents) or cardinality(owners) <> cardinality(cents)
       or array_position(accounts, null) is not null or array_position(owners, null) is not null then
        return false;
    end if;
    foreach one in array cents loop
        if one is null or one = 0 then
            return false;
        end if;
        total := total + one;
    end loop;
    return total = 0;
end $$;
-- +goose StatementEnd
alter table ledger_entry
    alter column accounts set not null, alter column owners set not null, alter column cents set not null,
    add constraint ledger_entry_balanced check (balanced(accounts, owners, cents));

-- One row per line, for whoever adds up: debit +, credit −.
create view ledger_line as
select e.id as entry_id, (l.n - 1)::smallint as n, l.account, l.owner, l.cents
from ledger_entry e, unnest(e.accounts, e.owners, e.cents) with ordinality as l (account, owner, cents, n);

-- A payment starts somewhere once, among many of its statement: what starts is
-- checked once a statement. A row that stays in its state is not looked at.
-- +goose StatementBegin
create function check_starts() returns trigger language plpgsql as $$
declare
    wrong text;
begin
    select a.state into wrong from (select distinct state from added) a
    where not exists (select from transition t where t.machine = tg_argv[0] and t.from_state = '' and t.to_state = a.state) limit 1;
    if found then
        raise exception '% may not go from "" to "%"', tg_argv[0], wrong
            using errcode = 'check_violation', constraint = 'state_transition';
    end if;
    return null;
end $$;
-- +goose StatementEnd
drop trigger payment_transition on payment;
create trigger payment_starts after insert on payment referencing new table as added for each statement execute function check_starts('payment');
create trigger payment_transition before update on payment for each row
    when (old.state is distinct from new.state) execute function check_transition('payment');
drop trigger loan_transition on loan;
create trigger loan_starts before insert on loan for each row execute function check_transition('loan');
create trigger loan_transition before update on loan for each row
    when (old.state is distinct from new.state) execute function check_transition('loan');
drop trigger distributor_transition on distributor;
create trigger distributor_starts before insert on distributor for each row execute function check_transition('distributor');
create trigger distributor_transition before update on distributor for each row
    when (old.state is distinct from new.state) execute function check_transition('distributor');

-- Both are rewritten at every payment, and no index holds what changes: pages
-- with room keep the new row beside the old one.
alter table person set (fillfactor = 50);
alter table distributor set (fillfactor = 50);

-- +goose Down
alter table distributor reset (fillfactor);
alter table person reset (fillfactor);
drop trigger distributor_starts on distributor;
drop trigger distributor_transition on distributor;
create trigger distributor_transition before insert or update on distributor for each row execute function check_transition('distributor');
drop trigger loan_starts on loan;
drop trigger loan_transition on loan;
create trigger loan_transition before insert or update of state on loan for each row execute function check_transition('loan');
drop trigger payment_starts on payment;
drop trigger payment_transition on payment;
create trigger payment_transition before insert or update on payment for each row execute function check_transition('payment');
drop function check_starts();
create table ledger_lines_kept as select entry_id, n, account, owner, cents from ledger_line;
drop view ledger_line;
alter table ledger_entry drop constraint ledger_entry_balanced, drop column accounts, drop column owners, drop column cents;
drop function balanced(text[], text[], bigint[]);
create table ledger_line (
    entry_id uuid not null,
    n        smallint not null,
    account  text not null,
    owner    text not null,
    cents    bigint not null check (cents <> 0),
    primary key (entry_id, n)
);
insert into ledger_line (entry_id, n, account, owner, cents) select entry_id, n, account, owner, cents from ledger_lines_kept;
drop table ledger_lines_kept;
create index ledger_line_account on ledger_line (account, owner);
create trigger ledger_line_append_only before update or delete on ledger_line for each row execute function refuse_change();
-- +goose StatementBegin
create function check_balanced() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(cents), 1) from ledger_line where entry_id = new.id) <> 0 then
        raise exception 'ledger entry % does not sum to zero', new.id using errcode = 'check_violation';
    end if;
    return null;
end $$;
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
create constraint trigger ledger_balanced after insert on ledger_entry deferrable initially deferred
    for each row execute function check_balanced();
create trigger ledger_line_balanced after insert on ledger_line referencing new table as added
    for each statement execute function check_lines();
