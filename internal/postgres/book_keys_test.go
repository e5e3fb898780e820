package postgres

import (
	"crypto/rand"
	"testing"

	"valebot/internal/fault"
	"valebot/internal/vault"
)

func TestCheckKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 2 {
		if err := b.CheckKeys(t.Context()); err != nil {
			t.Fatalf("the keys that marked the database: %v", err)
		}
	}
	other, err := vault.Ephemeral(rand.Reader)
	b.must(err)
	stranger := *b.Store
	stranger.vault = other
	if err := stranger.CheckKeys(t.Context()); fault.CodeOf(err) != "wrong_keys" {
		t.Errorf("other keys: %v, want wrong_keys", err)
	}
	if err := b.CheckKeys(t.Context()); err != nil {
		t.Errorf("a refused start spoiled the mark: %v", err)
	}
}
