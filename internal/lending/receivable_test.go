package lending_test

import (
	"testing"

	"valebot/internal/lending"
	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

func TestReceivable(t *testing.T) {
	t.Parallel()
	day := quincena.Date{Year: 2026, Month: 3, Day: 2}
	q, err := loan.NewQuote(product(t), money.Pesos(3000), 8, day, quincena.NewCalendar())
	if err != nil {
		t.Fatal(err)
	}
	paid := lending.Payment{State: loan.PaymentPosted, Amount: 487_50, ValueDate: day}
	undone := paid
	undone.State = loan.PaymentReversed
	tests := []struct {
		name                    string
		state                   loan.LoanState
		asOf                    quincena.Date
		payments                []lending.Payment
		receivable, outstanding money.Amount
	}{
		{"money not in hand", loan.LoanPendingDisbursement, day, nil, 0, 0},
		{"never handed out", loan.LoanCancelled, day, []lending.Payment{paid}, 0, 0},
		{"first day: capital alone is earned", loan.LoanActive, day, nil, 3000_00, 3900_00},
		{"a due date earns its interest", loan.LoanActive, q.Rows[0].Due, nil, 3112_50, 3900_00},
		{"a payment on the first day", loan.LoanActive, day, []lending.Payment{paid}, 2625_00, 3412_50},
		{"a payment that was undone", loan.LoanActive, day, []lending.Payment{undone}, 3000_00, 3900_00},
	}
	for _, tt := range tests {
		l := lending.Loan{State: tt.state, Quote: q, Active: day, Position: lending.Position{AsOf: tt.asOf}}
		receivable, outstanding := l.Receivable(tt.payments)
		if receivable != tt.receivable || outstanding != tt.outstanding {
			t.Errorf("%s: Receivable = %s and %s, want %s and %s", tt.name, receivable, outstanding, tt.receivable, tt.outstanding)
		}
	}
}
