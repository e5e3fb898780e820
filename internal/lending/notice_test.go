package lending_test

import (
	"strings"
	"testing"
	"time"

	"valebot/internal/fault"
	"valebot/internal/lending"
	"valebot/internal/money"
)

func TestNoticesAreToldOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	mark, visit := len(w.emits), w.now.Add(26*time.Hour)
	for range 2 {
		id := l.ID.String()
		w.must(w.run("visit.schedule", map[string]any{"credito": id, "cobrador": " Luis  Soto ", "cuando": visit}))
		w.must(w.run("invoice.issued", map[string]any{"credito": id, "mes": "marzo", "liga": "vl.mx/f1"}))
		w.must(w.run("tip.offer", map[string]any{"credito": id}))
	}
	if got := strings.Join(w.names(mark), " "); got != "visit.scheduled invoice.issued tip.offered" {
		t.Fatalf("told %s", got)
	}
	told := w.emits[mark:]
	if told[0].Data["cobrador"] != "Luis Soto" || told[0].Data["cuando"] != visit || told[1].Data["mes"] != "marzo" ||
		told[2].Data["semana"] != (level+1)/2 || told[2].PersonID != w.ana.ID {
		t.Errorf("told %+v", told)
	}
	q := w.complain()
	if got := w.must(w.run("tip.offer", map[string]any{"credito": l.ID.String()})).Outcome; got != "unchanged" {
		t.Errorf("who waits for an answer gets a tip: %s", got)
	}
	w.onComplaint("complaint.close", q)
	if got := w.must(w.run("tip.offer", map[string]any{"credito": l.ID.String()})).Outcome; got != "ok" {
		t.Errorf("after her complaint: %s", got)
	}
	if got := strings.Count(strings.Join(w.names(mark), " "), "tip.offered"); got != 1 {
		t.Errorf("%d tips in a month", got)
	}
	w.now = w.now.AddDate(0, 1, 0)
	if got := w.must(w.run("tip.offer", map[string]any{"credito": l.ID.String()})).Outcome; got != "unchanged" {
		t.Errorf("who is late gets no tips: %s", got)
	}
}

func TestNoticesRefuse(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	id := l.ID.String()
	for _, tt := range []struct {
		code, name string
		with       map[string]any
	}{
		{"visit_in_past", "visit.schedule", map[string]any{"credito": id, "cobrador": "Luis Soto", "cuando": w.now}},
		{"bad_name", "visit.schedule", map[string]any{"credito": id, "cobrador": "  ", "cuando": w.now.Add(time.Hour)}},
		{"bad_id", "visit.schedule", map[string]any{"credito": "x", "cobrador": "Luis Soto", "cuando": w.now.Add(time.Hour)}},
		{"invoice_without_link", "invoice.issued", map[string]any{"credito": id, "mes": "marzo", "liga": ""}},
		{"no_such_loan", "tip.offer", map[string]any{"credito": w.newID().String()}},
		{"no_such_contact", "contact.confirm_number", map[string]any{"contacto": "tel:+520000000000"}},
	} {
		if _, err := w.run(tt.name, tt.with); fault.CodeOf(err) != tt.code {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.code)
		}
	}
	w.must(w.pay(l, "all", money.Pesos(3900), w.today()))
	_, err := w.run("visit.schedule", map[string]any{"credito": id, "cobrador": "Luis Soto", "cuando": w.now.Add(time.Hour)})
	if fault.CodeOf(err) != "loan_not_active" {
		t.Errorf("a loan that is paid: %v", err)
	}
}

// A number that somebody called wrong tells nothing until a person has looked.
func TestAConfirmedNumberIsHersAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.must(w.run("contact.wrong_number", nil, w.byAna(lending.About{})))
	if w.mustFacts(lending.About{}, w.ana.ID)["cliente"]["conocida"] != false {
		t.Error("facts are told on a wrong number")
	}
	for _, want := range []string{"ok", "unchanged"} {
		if got := w.must(w.run("contact.confirm_number", map[string]any{"contacto": "tel:" + anaPhone})).Outcome; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if w.mustFacts(lending.About{}, w.ana.ID)["cliente"]["conocida"] != true {
		t.Error("facts are still hidden")
	}
}
