-- +goose Up

-- What Meta says of each of our WhatsApp templates. Kept so that a node knows
-- after its start, before it could ask, which of them may be sent.
create table wa_template (
    name       text not null check (name <> ''),
    language   text not null check (language <> ''),
    status     text not null,                    -- APPROVED, PENDING, REJECTED, PAUSED, DISABLED…
    category   text not null,                    -- UTILITY, MARKETING, AUTHENTICATION
    quality    text not null,                    -- GREEN, YELLOW, RED, UNKNOWN
    buttons    smallint not null check (buttons between 0 and 10),
    body       text not null,                    -- with {{1}}, {{2}}…; nothing about a person
    updated_at timestamptz not null,
    primary key (name, language)
);

-- +goose Down
drop table wa_template;
