package casework

import (
	"fmt"

	"valebot/internal/loan"
)

// Account is a distributor with her credit line, as supervisors list them. It
// holds no secret but her phone.
type Account struct {
	Name  string
	Phone string // E.164
	Line
}

// Unpaid counts the relaciones in a row that their day found unpaid, the latest
// included: streak is how many came before it.
func Unpaid(latest loan.RelacionState, streak int) int {
	switch latest {
	case loan.RelacionPaid:
		return 0
	case loan.RelacionGenerated, loan.RelacionPartial:
		return streak
	}
	return streak + 1
}

// Standing says in Spanish where a distributor stands.
func (l Line) Standing() string {
	switch l.State {
	case loan.DistributorApplicant:
		return "solicitante"
	case loan.DistributorActive:
		return "activa"
	case loan.DistributorBlocked:
		return "bloqueada"
	}
	return "cerrada"
}

// WhyBlocked says in Spanish why she may not authorise vales, and what opens her
// line again; "" if she is not blocked.
func (l Line) WhyBlocked() string {
	switch {
	case l.State != loan.DistributorBlocked:
		return ""
	case !l.Arrears:
		return "la bloqueó una persona: solo una persona la abre"
	case l.Unpaid == 1:
		return "por un corte sin pagar: se abre sola cuando lo pague"
	}
	return fmt.Sprintf("por %d cortes sin pagar: se abre sola cuando los pague", l.Unpaid)
}
