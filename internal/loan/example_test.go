package loan_test

import (
	"fmt"
	"os"

	"valebot/internal/loan"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// A vale of 3,000 pesos over 8 quincenas, as the distributor sees it before
// she confirms and the beneficiary before she says yes.
func ExampleNewQuote() {
	data, err := os.ReadFile("../../flows/products/vale.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	product, err := loan.ParseProduct(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	issued := quincena.Date{Year: 2026, Month: 3, Day: 2}
	q, err := loan.NewQuote(product, money.Pesos(3000), 8, issued, quincena.Calendar{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.Terms.N, "x", q.Terms.Payment, "total", q.Terms.Total, "CAT", q.Terms.CAT, "desde", q.Terms.First.Short())
	fmt.Println(money.Words(q.Terms.Total))

	paid := []loan.Payment{{ID: "1", On: q.Terms.First, Amount: money.Pesos(500)}}
	p := loan.Replay(q.Terms, q.Rows, paid, quincena.Date{Year: 2026, Month: 3, Day: 20})
	fmt.Println("debes", p.Outstanding, "siguiente", p.NextAmount, "el", p.NextDue.Short())
	// Output:
	// 8 x $487.50 total $3,900 CAT 254.5% desde 15-mar
	// TRES MIL NOVECIENTOS PESOS 00/100 M.N.
	// debes $3,400 siguiente $475 el 31-mar
}

// A state machine refuses what has no arrow.
func ExampleValeState_Next() {
	s := loan.ValeOffered
	s, err := s.Next(loan.ValeDoExpire)
	fmt.Println(s, err)
	_, err = s.Next(loan.ValeDoAccept)
	fmt.Println(err)
	// Output:
	// EXPIRED <nil>
	// bad_transition: Eso ya no se puede hacer en el estado en que está.: event accept in state EXPIRED
}
