package app

import (
	"testing"
)

func TestShippedRulebookLoads(t *testing.T) {
	t.Parallel()
	if _, err := LoadRulebook(FilesFrom("")); err != nil {
		t.Fatal(err)
	}
}
