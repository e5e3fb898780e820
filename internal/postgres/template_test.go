package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"valebot/internal/channel"
)

func TestTemplatesAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	offer := channel.Template{Name: "oferta", Language: "es_MX", Status: "APPROVED", Category: "UTILITY", Quality: "GREEN", Buttons: 3, Body: "Hola {{1}}"}
	notice := channel.Template{Name: "aviso", Language: "es_MX", Status: "PENDING"}
	check := func(want ...channel.Template) {
		t.Helper()
		got, err := b.Templates(t.Context())
		b.must(err)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
	b.must(b.SaveTemplates(t.Context(), b.now, []channel.Template{offer, notice, offer}, true))
	check(notice, offer)
	offer.Status = "PAUSED"
	b.must(b.SaveTemplates(t.Context(), b.now, []channel.Template{offer}, false))
	check(notice, offer)
	b.must(b.SaveTemplates(t.Context(), b.now, []channel.Template{offer}, true))
	check(offer)
	b.must(b.SaveTemplates(t.Context(), b.now, nil, false))
	check(offer)
	b.must(b.SaveTemplates(t.Context(), b.now, nil, true))
	check()
}
