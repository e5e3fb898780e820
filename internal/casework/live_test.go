package casework

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriters(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	drafts := []Draft{
		{Agent: "eva", Name: "Eva", At: now.Add(-3 * time.Second)},
		{Agent: "luis", Name: "Luis", Text: "hola", At: now.Add(-time.Second)},
		{Agent: "ana", Name: "Ana", At: now.Add(-time.Hour)},
	}
	if diff := cmp.Diff([]string{"Eva"}, Writers(drafts, "luis", now)); diff != "" {
		t.Error(diff)
	}
	if got := DraftOf(drafts, "luis"); got != "hola" {
		t.Errorf("own draft is %q", got)
	}
	if got := DraftOf(drafts, "nadie"); got != "" {
		t.Errorf("draft of who has none is %q", got)
	}
}
