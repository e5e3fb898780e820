-- +goose Up

-- Somebody may begin a flow with a person without anything having happened:
-- "begin" names the flow.
alter table inbox drop constraint inbox_kind_check;
alter table inbox add constraint inbox_kind_check check (kind in ('message', 'core', 'outcome', 'timer', 'desk', 'begin'));

-- +goose Down
alter table inbox drop constraint inbox_kind_check;
alter table inbox add constraint inbox_kind_check check (kind in ('message', 'core', 'outcome', 'timer', 'desk'));
