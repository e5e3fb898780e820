// Package migrations holds the schema of the database as numbered SQL files,
// applied in order and never edited once released.
package migrations

import "embed"

// FS holds the migration files.
//
//go:embed *.sql
var FS embed.FS
