package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"valebot/internal/engine"
	"valebot/internal/outbox"
)

// campaign queues so many messages to contacts of their own, who agreed.
func (b bench) campaign(name string, weight, first, count int) {
	b.Helper()
	var letters []engine.Letter
	for i := range count {
		b.agree(first+i, "marketing", true)
		letters = append(letters, b.letter(b.talk(first+i), name, func(l *engine.Letter) { l.Expires = b.now.Add(time.Hour) }))
	}
	b.must(b.QueueCampaign(b.Context(), name, weight, letters))
}

// took counts how often each campaign is among the next n messages.
func (b bench) took(n int) map[string]int {
	b.Helper()
	got := map[string]int{}
	for range n {
		for _, body := range b.taken(b.now, 1, outbox.Heads()...) {
			got[body]++
		}
	}
	return got
}

func TestCampaignsTakeTurns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.campaign("grande", 1, 0, 40)
	b.campaign("chica", 1, 100, 10)
	if got := b.took(10); got["chica"] < 4 || got["chica"] > 6 {
		t.Errorf("of the first ten: %v, want half each", got)
	}
	b.campaign("doble", 2, 200, 20) // as soon as it comes it has its share, not more
	if got := b.took(16); got["doble"] < 7 || got["doble"] > 9 || got["chica"] < 3 || got["chica"] > 5 {
		t.Errorf("of the next sixteen: %v, want about 8, 4 and 4", got)
	}
	b.campaign("chica", 1, 300, 5) // more of the same waits behind its own
	if got := b.took(4); got["chica"] > 1 {
		t.Errorf("a campaign that came back jumped the queue: %v", got)
	}
}

func TestACampaignNeedsANameAndAWeight(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, weight := range map[string]int{"": 1, "cero": 0, "mucho": 101} {
		if err := b.QueueCampaign(t.Context(), name, weight, nil); err == nil || !strings.Contains(err.Error(), fmt.Sprint(weight)) {
			t.Errorf("%q with %d: %v", name, weight, err)
		}
	}
	b.must(b.QueueCampaign(t.Context(), "nadie", 1, nil))
}
