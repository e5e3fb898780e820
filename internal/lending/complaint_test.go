package lending_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"valebot/internal/fault"
	"valebot/internal/lending"
)

func (w *town) complain() lending.Complaint {
	w.t.Helper()
	w.must(w.run("complaint.open", nil, w.byAna(lending.About{})))
	return only[lending.Complaint](w, lending.KindComplaint)
}

func (w *town) onComplaint(name string, q lending.Complaint) string {
	w.t.Helper()
	about := lending.About{Kind: lending.AboutComplaint, ID: q.ID.String()}
	return w.must(w.run(name, map[string]any{"queja": q.ID.String()}, w.byAna(about))).Outcome
}

func TestAComplaintStartsItsDialogueOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.complain()
	w.now = w.now.Add(time.Hour)
	again := w.complain() // the same one: its clock goes on
	if again != first || first.State != lending.ComplaintOpen || !first.DueBy.Equal(opening.Add(48*time.Hour)) {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if len(w.emits) != 1 || w.emits[0].Name != "complaint.opened" || w.emits[0].PersonID != w.ana.ID ||
		w.emits[0].About != (lending.About{Kind: "queja", ID: first.ID.String()}) {
		t.Errorf("told %+v", w.emits)
	}
	w.onComplaint("complaint.close", first)
	w.must(w.run("complaint.open", nil, w.byAna(lending.About{})))
	if n := len(all[lending.Complaint](w)); n != 2 {
		t.Errorf("%d complaints; a closed one is over", n)
	}
}

// Somebody whom nobody knows gets a folio, and no dialogue.
func TestAComplaintOfAStranger(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for range 2 {
		w.must(w.run("complaint.open", nil, func(c *lending.Call) { c.Contact = "tel:+525500000000" }))
	}
	if len(all[lending.Complaint](w)) != 2 || len(w.emits) != 0 {
		t.Errorf("%d complaints, told %v", len(all[lending.Complaint](w)), w.emits)
	}
	if r := w.must(w.run("complaint.open", nil)); r.Outcome != "error" {
		t.Errorf("outside of a conversation: %+v", r)
	}
}

func TestTheWayOfAComplaint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		acts             string
		want             lending.ComplaintState
		answered, closed bool
	}{
		{"", lending.ComplaintOpen, false, false},
		{"answer", lending.ComplaintAnswered, true, false},
		{"answer answer", lending.ComplaintAnswered, true, false},
		{"reopen", lending.ComplaintOpen, false, false},
		{"answer reopen", lending.ComplaintOpen, true, false},
		{"answer reopen answer close", lending.ComplaintClosed, true, true},
		{"answer close", lending.ComplaintClosed, true, true},
		{"close answer reopen close", lending.ComplaintClosed, false, true},
	} {
		t.Run(tt.acts, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			q := w.complain()
			for _, name := range strings.Fields(tt.acts) {
				w.now = w.now.Add(time.Hour)
				if got := w.onComplaint("complaint."+name, q); got != "ok" {
					t.Errorf("%s: %s", name, got)
				}
			}
			got := only[lending.Complaint](w, lending.KindComplaint)
			if got.State != tt.want || got.Answered.IsZero() == tt.answered || got.Closed.IsZero() == tt.closed || got.DueBy != q.DueBy {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestAComplaintIsResolvedWithATextThatIsKept: every answer is kept and asks the
// client again; a closed complaint is history.
func TestAComplaintIsResolvedWithATextThatIsKept(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	q := w.complain()
	resolve := func(text string) (lending.Result, error) {
		w.now = w.now.Add(time.Hour)
		return w.run("complaint.resolve", map[string]any{"queja": q.ID.String(), "resolucion": text})
	}
	if _, err := resolve(""); fault.CodeOf(err) != "no_resolution" {
		t.Errorf("without a text: %v", err)
	}
	for i, text := range []string{"te devolvimos el cobro", "y también el recargo"} {
		if r := w.must(resolve(text)); r.Outcome != "ok" {
			t.Errorf("resolve: %+v", r)
		}
		got := only[lending.Complaint](w, lending.KindComplaint)
		if got.Resolution != text || got.State != lending.ComplaintAnswered || !got.Answered.Equal(w.now) || got.DueBy != q.DueBy {
			t.Errorf("kept %+v", got)
		}
		last := w.emits[len(w.emits)-1]
		if len(w.emits) != i+2 || last.Name != lending.EventComplaintAnswer || last.PersonID != w.ana.ID || last.About.ID != q.ID.String() {
			t.Errorf("told %+v", w.emits)
		}
	}
	w.onComplaint("complaint.close", q)
	if r := w.must(resolve("otra cosa")); r.Outcome != "closed" {
		t.Errorf("a closed one: %+v", r)
	}
	if got := only[lending.Complaint](w, lending.KindComplaint); got.Resolution != "y también el recargo" || got.State != lending.ComplaintClosed {
		t.Errorf("a closed one changed: %+v", got)
	}
	if _, err := w.run("complaint.resolve", map[string]any{"queja": uuid.NewString(), "resolucion": "x"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no complaint: %v", err)
	}
}

func TestAComplaintIsOnlyItsOwners(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	q := w.complain()
	about := lending.About{Kind: lending.AboutComplaint, ID: q.ID.String()}
	if _, err := w.facts(about, w.maria.PersonID); fault.CodeOf(err) != "not_yours" {
		t.Errorf("facts: %v", err)
	}
	if f := w.mustFacts(about, w.ana.ID)["queja"]; f["folio"] != q.Folio || f["condusef"] != "5553400999" || f["vence"] != q.DueBy {
		t.Errorf("facts %v", f)
	}
	for _, with := range []map[string]any{{"queja": q.ID.String()}, {"queja": "x"}, {"queja": uuid.NewString()}} {
		r := w.must(w.run("complaint.close", with, w.byMaria))
		if r.Outcome != "error" {
			t.Errorf("%v: %s", with, r.Outcome)
		}
	}
	if _, err := w.facts(lending.About{Kind: lending.AboutComplaint, ID: "x"}, w.ana.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no complaint: %v", err)
	}
}

// An answer from the desk, outside of the complaint's own dialogue, reaches it.
func TestAnAnswerFromTheDeskIsTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	q := w.complain()
	mark := len(w.emits)
	for range 2 {
		w.must(w.run("complaint.answer", map[string]any{"queja": q.ID.String()}))
	}
	w.onComplaint("complaint.reopen", q)
	w.now = w.now.Add(time.Hour)
	w.must(w.run("complaint.answer", map[string]any{"queja": q.ID.String()}))
	if got := strings.Join(w.names(mark), " "); got != "complaint.answered complaint.answered" {
		t.Errorf("told %s", got)
	}
}
