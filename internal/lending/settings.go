package lending

import (
	"strconv"
	"strings"
	"time"

	"valebot/internal/loan"
	"valebot/internal/mexid"
	"valebot/internal/money"
	"valebot/internal/quincena"
)

// Settings are the lender's rules that no product carries. A zero field takes
// the default that its comment names.
type Settings struct {
	Product   loan.Product      // what new vales are quoted by; those authorised keep their frozen terms
	Products  loan.Catalogue    // versions of Product that take turns by their first days; Product alone if it has none
	Calendar  quincena.Calendar // bank holidays
	Programme Programme         // what distributors earn and when they are cut
	Zone      *time.Location    // of business dates; central Mexico
	LinkBase  string            // where short links live; "vl.mx"
	NewLimit  money.Amount      // the most for a first vale of a person brought by a distributor; $3,000

	PINMisses   int           // wrong PINs in a row that lock; 3
	PINLock     time.Duration // for how long; 30 minutes
	BirthMisses int           // wrong birth dates in a row that lock; 2
	BirthLock   time.Duration // for how long; 24 hours
	SameVale    time.Duration // within which the same vale again is the same; 10 minutes
	Identity    time.Duration // for how long an identity check holds; 1 hour

	IdentityMisses int // wrong answers at a contact in doubt after which only the desk can help; 3

	PromiseDays    int // the furthest a promise may lie after today or the due date; 10
	BrokenMost     int // broken promises from which no more are taken; 2
	PlanLate       int // days late beyond which a new plan needs a person; 15
	ReferralMisses int // words that nobody gave out that a number may write in a day before it hears nothing more; 3
	ComplaintTime  time.Duration
	FourEyes       money.Amount  // corrections above it, per borrower and month, need a second person; $500
	DepositCLABE   mexid.Deposit // where borrowers pay in, whatever the product says; "" leaves it to the product
	CondusefPhone  string        // where people may complain about us, digits; 5553400999
}

func (s Settings) withDefaults() Settings {
	if s.Zone == nil {
		s.Zone = quincena.Central()
	}
	if s.LinkBase == "" {
		s.LinkBase = "vl.mx"
	}
	s.NewLimit = orElse(s.NewLimit, money.Pesos(3000))
	s.PINMisses = orElse(s.PINMisses, 3)
	s.PINLock = orElse(s.PINLock, 30*time.Minute)
	s.BirthMisses = orElse(s.BirthMisses, 2)
	s.BirthLock = orElse(s.BirthLock, 24*time.Hour)
	s.SameVale = orElse(s.SameVale, 10*time.Minute)
	s.Identity = orElse(s.Identity, time.Hour)
	s.IdentityMisses = orElse(s.IdentityMisses, 3)
	s.PromiseDays = orElse(s.PromiseDays, 10)
	s.BrokenMost = orElse(s.BrokenMost, 2)
	s.PlanLate = orElse(s.PlanLate, 15)
	s.ReferralMisses = orElse(s.ReferralMisses, 3)
	s.CondusefPhone = orElse(s.CondusefPhone, "5553400999")
	s.Programme = s.Programme.withDefaults()
	s.FourEyes = orElse(s.FourEyes, money.Pesos(500))
	s.ComplaintTime = orElse(s.ComplaintTime, 48*time.Hour)
	return s
}

// deposit is where borrowers pay in on a day.
func (s Settings) deposit(day quincena.Date) mexid.Deposit {
	if s.DepositCLABE != "" {
		return s.DepositCLABE
	}
	if p, err := s.Products.On(s.Product.ID, day); err == nil {
		return p.Deposit
	}
	return s.Product.Deposit
}

// payIn is the CLABE that the borrower of a loan is told, "" if there is none.
func (s Settings) payIn(l Loan, day quincena.Date) string {
	number, err := strconv.Atoi(strings.TrimPrefix(l.Folio, "V-"))
	if err != nil {
		return ""
	}
	return string(s.deposit(day).CLABE(number))
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
