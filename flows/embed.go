// Package flows holds the conversations as operators write them. The files are
// compiled into the program so that it runs from an empty folder; a folder given
// at start takes their place. It decides nothing.
package flows

import "embed"

// FS holds the flow files at its root.
//
//go:embed *.yaml products/*.yaml
var FS embed.FS
