// Package testdata carries the sample town that the demo is seeded with.
package testdata

import _ "embed"

// Town is town.yaml.
//
//go:embed town.yaml
var Town []byte
