-- +goose Up

-- One array of keys, so that the consents of a contact are found by them. With
-- "or" the whole table was read, for every message.
-- +goose StatementBegin
create or replace function consents(key text, on_channel text, for_purpose text) returns boolean stable language sql as $$
    select granted from consent
    where contact_key = any (array(select a.other from contact_alias a where a.key = consents.key) || consents.key)
      and purpose = for_purpose and channel in ('', on_channel)
    order by at desc, granted limit 1
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function consents(key text, on_channel text, for_purpose text) returns boolean stable language sql as $$
    select granted from consent
    where (contact_key = consents.key or contact_key in (select a.other from contact_alias a where a.key = consents.key))
      and purpose = for_purpose and channel in ('', on_channel)
    order by at desc, granted limit 1
$$;
-- +goose StatementEnd
