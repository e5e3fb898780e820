package postgres

import (
	"testing"

	"valebot/internal/quincena"
)

// TestTipLoans: each reason for which a person gets no tip, one at a time.
func TestTipLoans(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := settle(b)
	due := w.loan.Position.NextDue
	if due.IsZero() {
		b.must(b.pool.QueryRow(t.Context(), `select next_due from loan where id = $1`, w.loan.ID).Scan((*civil)(&due)))
	}
	today := due.AddDays(-7)
	list := func() int {
		b.Helper()
		ids, err := b.TipLoans(t.Context(), today, today.AddDays(5), today.AddDays(9), 10)
		b.must(err)
		return len(ids)
	}
	if n := list(); n != 0 {
		t.Fatalf("%d tips to who never agreed", n)
	}
	agree := func(granted bool, seconds int) {
		b.Helper()
		b.must(b.exec(`insert into consent_entry (id, at, contact_key, purpose, granted, source, evidence, actor)
values ($1, $2::timestamptz + make_interval(secs => $4), 'tel:+526671234567', 'marketing', $3, 'message', 'SM1', 'person')`, newID(), b.now, granted, seconds))
	}
	agree(true, 0)
	b.must(b.exec(`update contact set opted_out_at = null, wrong_number_at = null`))
	b.must(b.exec(`update complaint set state = 'CLOSED', closed_at = $1`, b.now))
	b.must(b.exec(`update person set blocked = false`))
	b.must(b.exec(`update loan set overdue_cents = 0`))
	if n := list(); n != 1 {
		t.Fatalf("%d tips to who agreed", n)
	}
	for name, sql := range map[string][2]string{
		"who left":            {`update contact set opted_out_at = now()`, `update contact set opted_out_at = null`},
		"a wrong number":      {`update contact set wrong_number_at = now()`, `update contact set wrong_number_at = null`},
		"an open complaint":   {`update complaint set state = 'ANSWERED', closed_at = null`, `update complaint set state = 'CLOSED', closed_at = now()`},
		"a blocked person":    {`update person set blocked = true`, `update person set blocked = false`},
		"a loan that is late": {`update loan set overdue_cents = 100`, `update loan set overdue_cents = 0`},
	} {
		b.must(b.exec(sql[0]))
		if n := list(); n != 0 {
			t.Errorf("%s gets a tip", name)
		}
		b.must(b.exec(sql[1]))
	}
	agree(false, 1)
	if n := list(); n != 0 {
		t.Error("who took her word back gets a tip")
	}
	agree(true, 2)
	b.must(b.Tipped(t.Context(), []string{w.loan.ID.String()}, today))
	b.must(b.Tipped(t.Context(), []string{w.loan.ID.String()}, today))
	if n := list(); n != 0 {
		t.Error("two tips in a month")
	}
	b.must(b.exec(`update tip set told_on = told_on - 31`))
	if n := list(); n != 1 {
		t.Errorf("%d tips in the next month", n)
	}
	far := quincena.Date{Year: 2031, Month: 1, Day: 1}
	if ids, err := b.TipLoans(t.Context(), far, far, far.AddDays(4), 10); err != nil || len(ids) != 0 {
		t.Errorf("nothing is due then: %v %v", ids, err)
	}
}
