package lending_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/fault"
	"valebot/internal/flow"
	"valebot/internal/lending"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func fits(t flow.Type, value any) bool {
	switch value.(type) {
	case string:
		return slices.Contains([]flow.Type{flow.Text, flow.Phone, flow.CLABE, flow.PIN, flow.Option}, t)
	case int:
		return t == flow.Int
	case bool:
		return t == flow.Bool
	case money.Amount:
		return t == flow.Amount
	case quincena.Date:
		return t == flow.Date
	case time.Time:
		return t == flow.Stamp
	case []int:
		return t == flow.Ints
	}
	return false
}

// The names that flows rely on, with their outcomes in the order in which the
// flow guide lists them.
func TestWhatFlowsRelyOn(t *testing.T) {
	t.Parallel()
	actions := lending.Vocabulary().Actions
	for name, want := range map[string]string{
		"person.verify":          "match mismatch locked error",
		"vale.accept":            "ok already_accepted in_review expired cancelled error",
		"vale.decline":           "ok error",
		"vale.release":           "ok error",
		"bank.lookup":            "ok unknown error",
		"payout.spei":            "ok rejected error",
		"payout.cardless":        "ok unavailable error",
		"person.find":            "found not_found error",
		"person.create":          "ok duplicate error",
		"vale.quote":             "ok not_eligible error",
		"vale.authorize":         "ok duplicate line_exceeded bad_pin pin_locked error",
		"payment.find":           "found pending not_found error",
		"promise.create":         "ok not_allowed error",
		"promise.part":           "ok whole not_allowed error",
		"promise.break":          "ok error",
		"loan.restructure":       "ok needs_approval error",
		"contact.opt_out":        "ok error",
		"contact.opt_in":         "ok error",
		"contact.promotions_yes": "ok error",
		"contact.promotions_no":  "ok error",
		"contact.wrong_number":   "ok error",
		"complaint.open":         "ok error",
		"complaint.answer":       "ok error",
		"complaint.reopen":       "ok error",
		"complaint.close":        "ok error",
		"loan.balance":           "ok error",
	} {
		if got := strings.Join(actions[name].Outcomes, " "); got != want {
			t.Errorf("%s: outcomes %q, want %q", name, got, want)
		}
	}
}

func TestVocabularyIsClosed(t *testing.T) {
	t.Parallel()
	v := lending.Vocabulary()
	for about, facts := range v.About {
		for _, f := range facts {
			if v.Facts[f] == nil {
				t.Errorf("about %q names no fact %q", about, f)
			}
		}
	}
	for name, a := range v.Actions {
		if _, ok := v.About[a.About]; !ok {
			t.Errorf("%s is about %q", name, a.About)
		}
		if len(a.Outcomes) == 0 {
			t.Errorf("%s has no outcome", name)
		}
	}
	for name, e := range v.Events {
		if _, ok := v.About[e.About]; !ok {
			t.Errorf("%s is about %q", name, e.About)
		}
	}
}

func TestRunChecksItsCaller(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, tt := range []struct {
		name string
		with map[string]any
		want string
	}{
		{"no.such", nil, "no such action"},
		{"vale.accept", nil, "input vale is missing"},
		{"vale.accept", map[string]any{"vale": 1}, "input vale is int, not text"},
		{"vale.accept", map[string]any{"vale": "x", "more": "y"}, "input more is not declared"},
		{"person.set_limit", map[string]any{"persona": "x", "tope": 5}, "input tope is int, not amount"},
		{"person.set_birth", map[string]any{"persona": "x", "nacimiento": "1990-01-01"}, "input nacimiento is string, not date"},
	} {
		_, err := w.run(tt.name, tt.with)
		if err == nil || !strings.Contains(err.Error(), tt.want) || fault.KindOf(err) != fault.Internal {
			t.Errorf("%s %v: got %v, want %q", tt.name, tt.with, err, tt.want)
		}
	}
}

func TestMissingChangesNothingAndIsAskedForOfTheBook(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	b := lending.NewBook()
	_, err := w.catalog.Run(b, "vale.accept", w.call(map[string]any{"vale": w.newID().String()}))
	if !errors.Is(err, lending.ErrMissing) {
		t.Fatalf("got %v", err)
	}
	missing := b.Missing()
	if len(missing) != 1 || missing[0].Kind != lending.KindVale || len(b.Audits) != 0 {
		t.Errorf("missing %v, audits %v", missing, b.Audits)
	}
}

// A refusal leaves nothing half done: only its audit row.
func TestARefusalLeavesOnlyItsAuditRow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.authorise()
	before, audits := w.snapshot(), len(w.audits)
	r := w.onVale("payout.cardless", v)
	if r.Outcome != "error" {
		t.Fatalf("outcome %s", r.Outcome)
	}
	if diff := cmp.Diff(before, w.snapshot()); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
	want := []lending.Audit{{
		Actor: "flow:aceptacion_vale", Action: "payout.cardless", Outcome: "error", Detail: "not_accepted",
		Subject: lending.Key{Kind: lending.KindVale, ID: v.ID.String()}, Cause: w.audits[audits].Cause,
	}}
	if diff := cmp.Diff(want, w.audits[audits:]); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestEveryActIsAuditedWithoutSecrets(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v, _ := w.accepted()
	d := w.cardless(v)
	w.rail("code_issued", d.ID)
	w.rail("code_expired", d.ID)
	w.spei(v)
	for _, a := range w.audits {
		if a.Actor == "" || a.Action == "" || a.Outcome == "" || a.Cause == "" || a.Subject.ID == "" {
			t.Errorf("incomplete: %+v", a)
		}
		for _, secret := range []string{pin, clabe, "482915637710", "1990", "sí"} {
			if strings.Contains(a.Detail, secret) {
				t.Errorf("holds %s: %+v", secret, a)
			}
		}
	}
	for _, e := range w.entries {
		if e.Cause == "" || strings.Contains(e.Memo, "Ana") {
			t.Errorf("entry %+v", e)
		}
	}
}

// Two conversations work over one Book in overlays of their own.
func TestOverlaysKeepConversationsApart(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	base := lending.NewBook()
	for i, keep := range []bool{false, true} {
		o := base.Overlay()
		for {
			_, err := w.catalog.Run(o, "vale.authorize", w.call(map[string]any{
				"distribuidora": w.maria.ID.String(), "persona": w.ana.ID.String(),
				"monto": money.Pesos(3000), "quincenas": 8, "nip": pin,
			}, w.byMaria))
			if err == nil {
				break
			}
			w.load(o)
		}
		if keep {
			base.Merge(o)
		}
		if got := len(base.Changed(lending.KindVale)); got != i {
			t.Errorf("base holds %d vales", got)
		}
	}
}

func TestNamesAreListed(t *testing.T) {
	t.Parallel()
	c := lending.Actions(lending.Settings{})
	names := c.Names()
	if !slices.IsSorted(names) || len(names) < 40 {
		t.Errorf("%d names", len(names))
	}
	if a, ok := c.Action("vale.accept"); !ok || a.Name != "vale.accept" || a.Run == nil {
		t.Errorf("vale.accept: %+v", a)
	}
	if _, ok := c.Action("vale.acept"); ok {
		t.Error("found a mistyped name")
	}
}
