package postgres

import "testing"

// Reminders reach the conversation of their borrower, by her phone, whether she
// has one or it is opened for them.
func TestRemindersFindTheirConversation(t *testing.T) {
	t.Parallel()
	p := newPortfolio(t, 6)
	p.must(p.exec(`delete from inbox`))
	for _, l := range p.loans[:3] {
		p.must(p.exec(`delete from conversation where person_id = $1`, l.PersonID))
	}
	p.now = p.now.AddDate(0, 0, 13)
	if done := p.closeDay(); done.Events != len(p.loans) {
		t.Fatalf("closed %+v", done)
	}
	var reminders, right, opened int
	p.must(p.pool.QueryRow(t.Context(), `
		select count(*), count(*) filter (where c.key = 'tel:' || p.phone and i.source = 'core' and i.kind = 'core'), count(distinct c.id)
		from loan l join person p on p.id = l.person_id
		left join inbox i on i.source_id like 'installment.due_soon:' || l.id || ':%'
		left join conversation c on c.id = i.conversation_id and c.person_id = p.id`).Scan(&reminders, &right, &opened))
	if n := len(p.loans); reminders != n || right != n || opened != n {
		t.Errorf("%d reminders, %d in the right one of %d conversations, of %d loans", reminders, right, opened, n)
	}
	p.must(p.exec(`update loan set as_of = as_of - 1, wake_on = as_of`))
	p.must(p.exec(`delete from day_close`))
	p.closeDay() // what was said is not said again
	var again int
	p.must(p.pool.QueryRow(t.Context(), `select count(*) from inbox where source_id like 'installment.due_soon:%'`).Scan(&again))
	if again != len(p.loans) {
		t.Errorf("%d reminders after the second close of the day", again)
	}
}
