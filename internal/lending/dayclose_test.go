package lending_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/ledger"
	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// paymentsOf are the payments of a loan as the store lists them.
func (w *town) paymentsOf(l lending.Loan) []lending.Payment {
	var list []lending.Payment
	for _, p := range all[lending.Payment](w) {
		if p.LoanID == l.ID {
			list = append(list, p)
		}
	}
	return list
}

// TestClosingInBulkIsTheAction: whatever was paid, closing a day without a Book
// decides the same position, bookings, segment and reminder as the action does;
// and a loan that was not awake would not have changed.
func TestClosingInBulkIsTheAction(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newGuild(rt)
		l := w.active()
		for range rapid.IntRange(1, 30).Draw(rt, "days with something") {
			w.goTo(w.today().AddDays(rapid.IntRange(1, 12).Draw(rt, "days")))
			if rapid.Bool().Draw(rt, "pays") {
				amount := rapid.SampledFrom([]int64{1, 60_00, 487_50, 547_50, 1000_00, 3900_00}).Draw(rt, "centavos")
				ago := rapid.IntRange(0, 3).Draw(rt, "days ago")
				w.must(w.run("payment.post", map[string]any{
					"source": "panel", "reference": w.newID().String(), "account": l.Folio, "amount": money.Amount(amount),
					"value_date": latestDate(w.today().AddDays(-ago), l.Active),
				}))
				continue
			}
			compareClose(rt, w, w.loan(l))
		}
	})
}

func latestDate(d, e quincena.Date) quincena.Date {
	if d.Before(e) {
		return e
	}
	return d
}

func compareClose(rt *rapid.T, w *town, l lending.Loan) {
	if l.State != loan.LoanActive {
		return
	}
	today := w.today()
	c := lending.CloseDay(l, w.paymentsOf(l), today)
	wake := l.Wake()
	entries, emits := len(w.entries), len(w.emits)
	w.closeDay(l)
	after := w.loan(l)
	if diff := cmp.Diff(after.Position, c.Position); diff != "" {
		rt.Fatalf("position (-action +bulk):\n%s", diff)
	}
	if diff := cmp.Diff(ledger.Balances(w.entries[entries:]), ledger.Balances([]ledger.Entry{{Lines: c.Lines}})); diff != "" {
		rt.Fatalf("bookings (-action +bulk):\n%s", diff)
	}
	if s := string(c.Segment); s != "" && s != w.person(anaPhone).Segment {
		rt.Fatalf("segment %s, the action says %s", s, w.person(anaPhone).Segment)
	}
	var told []string
	for _, e := range w.emits[emits:] {
		told = append(told, e.Key)
	}
	if len(told) > 0 && (c.Reminder == nil || c.Reminder.Key != told[0]) {
		rt.Fatalf("the action reminds of %v, bulk of %+v", told, c.Reminder)
	}
	if today.Before(wake) {
		asleep := after.Position
		asleep.AsOf = l.Position.AsOf
		if diff := cmp.Diff(l.Position, asleep); diff != "" || len(w.entries) != entries {
			rt.Fatalf("asleep until %s, it changed on %s:\n%s", wake, today, diff)
		}
	}
}

// Closing day by day, or only on the days on which the loan wakes, or once in
// the end, gives the same position and the same balances; every reminder of the
// first is one of the second.
func TestDaysMayBeSlept(t *testing.T) {
	t.Parallel()
	var ends []lending.Position
	var balances []map[ledger.Account]any
	reminders := make([]map[string]bool, 3)
	for i, closes := range []func(day, wake, last quincena.Date) bool{
		func(_, _, _ quincena.Date) bool { return true },
		func(day, wake, _ quincena.Date) bool { return !day.Before(wake) },
		func(day, _, last quincena.Date) bool { return day == last },
	} {
		w := newTown(t)
		l := w.active()
		reminders[i] = map[string]bool{}
		first := w.today()
		last := first.AddDays(75)
		for day := first; !day.After(last); day = day.AddDays(1) {
			w.goTo(day)
			if day == date("2026-03-17") {
				w.must(w.pay(l, "1", level, day))
			}
			if now := w.loan(l); closes(day, now.Wake(), last) {
				w.closeDay(l)
			}
		}
		for _, e := range w.emits {
			if e.Name == lending.EventInstallmentDue {
				reminders[i][e.Key] = true
			}
		}
		ends = append(ends, w.loan(l).Position)
		sums := map[ledger.Account]any{}
		for account, amount := range ledger.Balances(w.entries) {
			account.Owner = ""
			sums[account] = amount
		}
		balances = append(balances, sums)
	}
	for i := 1; i < 3; i++ {
		if diff := cmp.Diff(ends[0], ends[i]); diff != "" {
			t.Errorf("position of way %d:\n%s", i, diff)
		}
		if diff := cmp.Diff(balances[0], balances[i]); diff != "" {
			t.Errorf("balances of way %d:\n%s", i, diff)
		}
	}
	if len(reminders[0]) < 6 || len(reminders[1]) != len(reminders[0]) {
		t.Errorf("%d reminders day by day, %d on waking", len(reminders[0]), len(reminders[1]))
	}
}

// A loan that is late wakes every day; one that waits for its next date sleeps
// until the first reminder of it; a settled one for good.
func TestWhenLoansWake(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	l := w.active()
	for _, step := range []struct{ day, wake string }{
		{"2026-03-02", "2026-03-12"}, {"2026-03-12", "2026-03-15"}, {"2026-03-15", "2026-03-18"}, // the 16th is a holiday
		{"2026-03-18", "2026-03-19"}, {"2026-04-30", "2026-05-01"},
	} {
		w.goTo(date(step.day))
		w.closeDay(l)
		if got := w.loan(l).Wake(); got != date(step.wake) {
			t.Errorf("closed on %s it wakes on %s, want %s", step.day, got, step.wake)
		}
	}
	w.must(w.pay(l, "all", 9000_00, w.today()))
	if got := w.loan(l); got.State != loan.LoanSettled || !got.Wake().IsZero() {
		t.Errorf("%s, wakes on %s", got.State, got.Wake())
	}
}
