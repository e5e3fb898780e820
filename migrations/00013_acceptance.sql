-- +goose Up

-- Seals of acceptances are found by the folio in their entry's memo.
create index ledger_acceptance on ledger_entry (split_part(memo, ' ', 3)) where memo like 'línea usada % aceptación %';

-- +goose Down
drop index ledger_acceptance;
