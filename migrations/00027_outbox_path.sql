-- +goose Up

-- A message has three versions on its way: written, being sent, settled. The one
-- in the middle is to cost no index anything (a heap-only update), so no index
-- may know a column that it changes: state, attempt, sending_at. What was found
-- by the state is found by what changes with the beginning and the end alone.
drop index outbox_flight, outbox_open, outbox_queue, outbox_parked, outbox_campaign, outbox_lost, outbox_counted;

alter table outbox
    add column parked   boolean not null generated always as (state = 'queued' and not ready) stored,
    add column given_up boolean not null generated always as (state in ('failed', 'expired', 'suppressed')) stored,
    add column flight   uuid; -- while it is being sent: with which others
alter table outbox set (fillfactor = 50);

-- In a queue until it is settled or put away; what is being sent stays in, and
-- whoever takes from the queue looks at the state.
create index outbox_queue on outbox (channel, lane, vft, id) where settled_at is null and ready;
create index outbox_open on outbox (conversation_id, id) where settled_at is null;
create index outbox_campaign on outbox (campaign, vft) where campaign <> '' and settled_at is null;
create index outbox_parked on outbox (not_before) where parked;
create index outbox_lost on outbox (settled_at) where given_up and lane < 3;
create index outbox_counted on outbox (conversation_id, settled_at) where lane >= 3;
create index outbox_unknown on outbox (lease_until) where lease_until is not null;

-- The messages that one sender took at once, and until when it holds them, in
-- real time. A message that is being sent has a row here, written in the same
-- transaction; the row goes when the time is up, whatever became of the messages.
create table outbox_flight (
    id          uuid primary key,
    lease_until timestamptz not null,
    messages    uuid[] not null
);
create index outbox_flight_until on outbox_flight (lease_until);

-- Only unknown messages have a lease of their own. Those that a sender held when
-- it was stopped for this change are looked up.
alter table outbox disable trigger outbox_promotion; -- what was allowed then stays so
update outbox set state = 'unknown', stopped = true where state = 'sending';
alter table outbox enable trigger outbox_promotion;
update outbox set ready = false where state = 'unknown';
update outbox set lease_until = null where state <> 'unknown' and lease_until is not null;
alter table outbox add constraint outbox_flight_check check (state <> 'sending' or flight is not null and lease_until is null);

-- Nobody looks for a step by its id alone, nor for one message's cost by time.
alter table step_log drop constraint step_log_pkey;
drop index step_log_thread;
alter table step_log add primary key (conversation_id, id);
drop index message_cost_at;
create index message_cost_at on message_cost using brin (at);

-- +goose Down
drop index message_cost_at;
create index message_cost_at on message_cost (at);
alter table step_log drop constraint step_log_pkey;
alter table step_log add primary key (id);
create index step_log_thread on step_log (conversation_id, id);

alter table outbox drop constraint outbox_flight_check;
alter table outbox disable trigger outbox_promotion;
update outbox o set lease_until = f.lease_until from outbox_flight f where f.id = o.flight and o.state = 'sending';
alter table outbox enable trigger outbox_promotion;
drop table outbox_flight;
drop index outbox_unknown, outbox_counted, outbox_lost, outbox_parked, outbox_campaign, outbox_open, outbox_queue;
alter table outbox reset (fillfactor);
alter table outbox drop column flight, drop column given_up, drop column parked;
create index outbox_flight on outbox (lease_until) where state in ('sending', 'unknown');
create index outbox_open on outbox (conversation_id, id) where state in ('queued', 'sending', 'unknown');
create index outbox_queue on outbox (channel, lane, vft, id) where state = 'queued' and ready;
create index outbox_parked on outbox (not_before) where state = 'queued' and not ready;
create index outbox_campaign on outbox (campaign, vft) where campaign <> '' and state = 'queued';
create index outbox_lost on outbox (settled_at) where state in ('failed', 'expired', 'suppressed') and lane < 3;
create index outbox_counted on outbox (conversation_id, sending_at) where lane >= 3 and sending_at is not null;
