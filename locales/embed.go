// Package locales holds what the program says and understands, by language:
// messages and lexicon. The files are compiled into the program so that it runs
// from an empty folder. It decides nothing.
package locales

import "embed"

// FS holds one folder per language.
//
//go:embed all:es-MX all:en
var FS embed.FS
