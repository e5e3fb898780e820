-- +goose Up

-- The files that flows were checked and compiled with: flows, interrupts,
-- messages, lexicon and products. Named by their content, so that publications
-- which share files share a row.
create table flow_bundle (
    sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
    files  bytea not null                        -- gzip of a JSON object: path → text
);

-- What somebody did to the flows. It is in force once it has a seq; where two
-- pairs of eyes are asked for, that is when a second person approves. The newest
-- in force is what runs: all its flows were checked together.
create table flow_change (
    id           bigint generated always as identity primary key,
    kind         text not null check (kind in ('start', 'publish', 'draft', 'rollback')),
    bundle       text not null references flow_bundle,
    people       text not null check (people in ('leave', 'migrate', 'handover')), -- what becomes of who is in the middle
    author       text not null check (author <> ''),
    note         text not null,
    at           timestamptz not null,
    approved_by  text not null default '' check (approved_by <> author),
    in_force_at  timestamptz,
    seq          bigint unique check (seq > 0),  -- order of coming into force: nodes compare it with theirs
    withdrawn_at timestamptz,                    -- another one was proposed before it was approved
    check ((seq is null) = (in_force_at is null)),
    check (seq is null or withdrawn_at is null)
);

-- The versions that a change makes current. A flow that is not among them starts
-- no more; who is in it goes on.
create table flow_change_item (
    change_id bigint not null references flow_change,
    flow      text not null,
    version   integer not null,
    primary key (change_id, flow),
    foreign key (flow, version) references flow_version
);
create index flow_change_item_flow on flow_change_item (flow, version);

-- A version is never another.
create trigger flow_version_immutable before update on flow_version for each row
    when (old.* is distinct from new.*) execute function refuse_change();
create trigger flow_bundle_immutable before update or delete on flow_bundle for each row execute function refuse_change();
create trigger flow_change_item_immutable before update or delete on flow_change_item for each row execute function refuse_change();

-- By which outcome each step of the path was left: what statistics count.
alter table step_log add column ways text[] not null default '{}';
create index step_log_at on step_log using brin (at);

-- +goose Down
drop index step_log_at;
alter table step_log drop column ways;
drop trigger flow_version_immutable on flow_version;
drop table flow_change_item, flow_change, flow_bundle;
