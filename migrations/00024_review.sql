-- +goose Up

-- Why a vale waits for a person before money moves, and how that ended: who
-- decided, when, and in which words.
alter table vale add column review jsonb not null default '{}';
alter table vale add constraint vale_review_reason check (state not in ('IN_REVIEW', 'REJECTED') or review ? 'why');
alter table vale add constraint vale_review_decided check (state <> 'REJECTED' or review ? 'decided_by');
-- A vale is reviewed once its beneficiary has said yes, never before.
alter table vale add constraint vale_review_yes check (state <> 'IN_REVIEW' or accepted_at is not null);
create index vale_in_review on vale (accepted_at, id) where state = 'IN_REVIEW';

-- +goose Down
alter table vale drop column review;
