// Package testdata carries the sample town that the demo is seeded with and the
// conversations that the shipped flows are tested with.
package testdata

import "embed"

// Town is town.yaml.
//
//go:embed town.yaml
var Town []byte

// Understand holds understand/*.txt: texts and what they mean.
//
//go:embed understand/*.txt
var Understand embed.FS

// Conversations holds conversations/*.chat.
//
//go:embed conversations
var Conversations embed.FS
