-- +goose Up

-- What a distributor earns, and the cuts of her clients' payments.
alter table distributor
    add column branch text not null default 'matriz' check (branch <> ''),
    add column category text not null default '',
    add column commission_cents bigint not null default 0, -- below zero where what was used has been undone
    add column points integer not null default 0,
    add column owes boolean not null default false,        -- her latest relación is not paid
    add column arrears boolean not null default false,     -- blocked for relaciones; paying frees her
    add check (not arrears or state = 'BLOCKED');
create index distributor_branch on distributor (branch, id);
alter table vale add column reward jsonb not null default '{}';
alter table loan
    add column reward jsonb not null default '{}',
    add column commission_cents bigint not null default 0 check (commission_cents >= 0),
    add column points integer not null default 0 check (points >= 0),
    add column listing jsonb not null default '{"relacion":"00000000-0000-0000-0000-000000000000","terms":"","settled":0,"rows":null}';

create table corte (
    id             uuid primary key,
    branch         text not null check (branch <> ''),
    seq            integer not null check (seq > 0),
    state          text not null,
    from_day       date not null,
    to_day         date not null,
    cut_on         date not null,
    enforceable_on date not null,
    early_by       date not null,
    rev            bigint not null default 1,
    unique (branch, seq),
    unique (branch, to_day),
    check (from_day <= cut_on and cut_on <= to_day)
);
create unique index corte_one_open on corte (branch) where state <> 'CLOSED';
create trigger corte_transition before insert or update on corte for each row execute function check_transition('corte');

-- The periods of a branch follow each other without a gap.
-- +goose StatementBegin
create function check_corte() returns trigger language plpgsql as $$
begin
    if new.seq > 1 and not exists (
        select from corte where branch = new.branch and seq = new.seq - 1 and to_day = new.from_day - 1) then
        raise exception 'corte % of % does not follow the one before', new.seq, new.branch
            using errcode = 'check_violation', constraint = 'corte_consecutive';
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger corte_consecutive before insert on corte for each row execute function check_corte();

create sequence folio_r;
create table relacion (
    id               uuid primary key,
    corte_id         uuid not null references corte,
    distributor_id   uuid not null references distributor,
    folio            text not null unique,
    reference        text not null unique,
    issued_at        timestamptz not null,
    due_on           date not null,
    enforceable_on   date not null,
    early_by         date not null,
    total_cents      bigint not null check (total_cents >= 0),
    commission_cents bigint not null,
    earned_cents     bigint not null,
    points           integer not null,
    limit_cents      bigint not null,
    available_cents  bigint not null,
    streak           integer not null check (streak >= 0),
    previous_id      uuid references relacion,
    seal             text not null,
    state            text not null,
    covered_cents    bigint not null check (covered_cents between 0 and total_cents),
    late             boolean not null,
    rev              bigint not null default 1,
    unique (distributor_id, corte_id),
    check (state <> 'PAID' or covered_cents = total_cents)
);
create index relacion_latest on relacion (distributor_id, due_on desc);
create index relacion_open on relacion (enforceable_on, id) where state in ('GENERATED', 'PARTIAL');
create index relacion_corte on relacion (corte_id, distributor_id);
create trigger relacion_transition before insert or update on relacion for each row execute function check_transition('relacion');

-- What a relación says never changes: only its state and its cover do.
-- +goose StatementBegin
create function keep_relacion() returns trigger language plpgsql as $$
begin
    if (old.id, old.corte_id, old.distributor_id, old.folio, old.reference, old.issued_at, old.due_on, old.enforceable_on, old.early_by,
        old.total_cents, old.commission_cents, old.earned_cents, old.points, old.limit_cents, old.available_cents, old.streak, old.seal)
       is distinct from
       (new.id, new.corte_id, new.distributor_id, new.folio, new.reference, new.issued_at, new.due_on, new.enforceable_on, new.early_by,
        new.total_cents, new.commission_cents, new.earned_cents, new.points, new.limit_cents, new.available_cents, new.streak, new.seal)
       or old.previous_id is distinct from new.previous_id then
        raise exception 'relacion % is fixed', old.folio using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger relacion_fixed before update on relacion for each row execute function keep_relacion();
create trigger relacion_kept before delete on relacion for each row execute function refuse_change();

create table relacion_rows (
    id   uuid primary key references relacion,
    rows jsonb not null check (jsonb_array_length(rows) > 0),
    rev  bigint not null default 1
);
create trigger relacion_rows_append_only before update or delete on relacion_rows for each row execute function refuse_change();

create table relacion_deposit (
    id             uuid primary key,
    relacion_id    uuid not null references relacion,
    distributor_id uuid not null references distributor,
    source         text not null,
    reference      text not null,
    cents          bigint not null check (cents > 0),
    value_date     date not null,
    received_at    timestamptz not null,
    state          text not null,
    excess_cents   bigint not null check (excess_cents >= 0),
    folios         text not null,                -- of the loans that it went to, separated by blanks
    rev            bigint not null default 1,
    constraint deposit_source_reference_key unique (source, reference)
);
create index relacion_deposit_relacion on relacion_deposit (relacion_id);
create trigger relacion_deposit_transition before insert or update on relacion_deposit for each row execute function check_transition('payment');

-- +goose Down
drop table relacion_deposit, relacion_rows, relacion, corte;
drop sequence folio_r;
drop function keep_relacion(), check_corte();
alter table loan drop column listing, drop column points, drop column commission_cents, drop column reward;
alter table vale drop column reward;
drop index distributor_branch;
alter table distributor drop column arrears, drop column owes, drop column points, drop column commission_cents, drop column category, drop column branch;
