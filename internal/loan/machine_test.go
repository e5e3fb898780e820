package loan_test

import (
	"testing"

	"valebot/internal/fault"
	"valebot/internal/loan"
)

// machines names each table with a way to run it on plain strings.
func machines() map[string]struct {
	rows []loan.Transition
	next func(state, event string) (string, error)
} {
	type machine = struct {
		rows []loan.Transition
		next func(state, event string) (string, error)
	}
	return map[string]machine{
		"vale": {loan.ValeTransitions(), func(s, e string) (string, error) {
			to, err := loan.ValeState(s).Next(loan.ValeEvent(e))
			return string(to), err
		}},
		"loan": {loan.LoanTransitions(), func(s, e string) (string, error) {
			to, err := loan.LoanState(s).Next(loan.LoanEvent(e))
			return string(to), err
		}},
		"disbursement": {loan.DisbursementTransitions(), func(s, e string) (string, error) {
			to, err := loan.DisbursementState(s).Next(loan.DisbursementEvent(e))
			return string(to), err
		}},
		"code": {loan.CodeTransitions(), func(s, e string) (string, error) {
			to, err := loan.CodeState(s).Next(loan.CodeEvent(e))
			return string(to), err
		}},
		"payment": {loan.PaymentTransitions(), func(s, e string) (string, error) {
			to, err := loan.PaymentState(s).Next(loan.PaymentEvent(e))
			return string(to), err
		}},
		"promise": {loan.PromiseTransitions(), func(s, e string) (string, error) {
			to, err := loan.PromiseState(s).Next(loan.PromiseEvent(e))
			return string(to), err
		}},
		"corte": {loan.CorteTransitions(), func(s, e string) (string, error) {
			to, err := loan.CorteState(s).Next(loan.CorteEvent(e))
			return string(to), err
		}},
		"relacion": {loan.RelacionTransitions(), func(s, e string) (string, error) {
			to, err := loan.RelacionState(s).Next(loan.RelacionEvent(e))
			return string(to), err
		}},
		"distributor": {loan.DistributorTransitions(), func(s, e string) (string, error) {
			to, err := loan.DistributorState(s).Next(loan.DistributorEvent(e))
			return string(to), err
		}},
	}
}

// Every pair of state and event does what the table says, and nothing else.
func TestMachinesFollowTheirTables(t *testing.T) {
	t.Parallel()
	for name, m := range machines() {
		want := map[[2]string]string{}
		states, events := map[string]bool{}, map[string]bool{}
		for _, row := range m.rows {
			key := [2]string{row.Source, row.Event}
			if _, twice := want[key]; twice {
				t.Errorf("%s: two rows for %v", name, key)
			}
			want[key] = row.Destination
			states[row.Source], states[row.Destination], events[row.Event] = true, true, true
		}
		states[""], events["nonsense"] = true, true
		for state := range states {
			for event := range events {
				to, err := m.next(state, event)
				expected, ok := want[[2]string{state, event}]
				if ok && (err != nil || to != expected) {
					t.Errorf("%s: %s on %s gives %s, %v", name, event, state, to, err)
				}
				if !ok && (fault.CodeOf(err) != "bad_transition" || fault.KindOf(err) != fault.Conflict || to != state) {
					t.Errorf("%s: %s on %s is let through to %s, %v", name, event, state, to, err)
				}
			}
		}
	}
}

// The arrows that the rules of money depend on, said once more by hand.
func TestArrowsThatMustNotExist(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ machine, from, to string }{
		{"vale", "EXPIRED", "ACCEPTED"},
		{"vale", "CANCELLED", "ACCEPTED"},
		{"vale", "CONVERTED", "CANCELLED"},
		{"vale", "ACCEPTED", "DECLINED"},
		{"disbursement", "UNKNOWN", "SENDING"},
		{"disbursement", "UNKNOWN", "CANCELLED"},
		{"disbursement", "REJECTED", "SENDING"},
		{"code", "FUNDS_BACK", "REDEEMED"},
		{"code", "REDEEMED", "EXPIRED"},
		{"loan", "SETTLED", "PENDING_DISBURSEMENT"},
		{"payment", "REVERSED", "POSTED"},
		{"promise", "BROKEN", "OPEN"},
	} {
		for _, row := range machines()[c.machine].rows {
			if row.Source == c.from && row.Destination == c.to {
				t.Errorf("%s: %s leads from %s to %s", c.machine, row.Event, c.from, c.to)
			}
		}
	}
}

func TestUnknownIsLeftOnlyByAQuery(t *testing.T) {
	t.Parallel()
	for _, row := range loan.DisbursementTransitions() {
		if row.Source == string(loan.DisbursementUnknown) && row.Event[:6] != "query_" {
			t.Errorf("%s leads out of UNKNOWN", row.Event)
		}
	}
}

func TestTerminalStates(t *testing.T) {
	t.Parallel()
	for _, s := range []loan.ValeState{loan.ValeConverted, loan.ValeDeclined, loan.ValeExpired, loan.ValeCancelled, loan.ValeRejected} {
		if !s.Terminal() {
			t.Errorf("%s is not terminal", s)
		}
	}
	for name, end := range map[string]bool{
		"vale offered":       loan.ValeOffered.Terminal(),
		"loan settled":       loan.LoanSettled.Terminal(), // a reversal reopens it
		"attempt settled":    loan.DisbursementSettled.Terminal(),
		"code expired":       loan.CodeExpired.Terminal(),
		"payment posted":     loan.PaymentPosted.Terminal(),
		"promise open":       loan.PromiseOpen.Terminal(),
		"distributor active": loan.DistributorActive.Terminal(),
		"corte closing":      loan.CorteClosing.Terminal(),
		"relacion paid":      loan.RelacionPaid.Terminal(), // a reversal reopens it
	} {
		if end {
			t.Errorf("%s is terminal", name)
		}
	}
}
