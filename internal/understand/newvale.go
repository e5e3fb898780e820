package understand

import (
	"valebot/internal/mexid"
	"valebot/internal/money"
)

// NewVale is what a distributor volunteers when she asks for a vale. A field that
// was not said, or not said clearly, is zero: the flow asks for it.
type NewVale struct {
	Phone     mexid.Phone
	Amount    money.Amount // centavos
	Quincenas int
}

// IntentNewVale is the lexicon's name for asking for a vale.
const IntentNewVale = "new_vale"

// NewVale reads "VALE 6671234567 3000 8" and "quiero dar un vale de 3 mil a 8
// quincenas a 667 123 4567"; false when the message asks for no vale.
func (r Reading) NewVale() (NewVale, bool) {
	if !r.Has(IntentNewVale) && !r.startsVale() {
		return NewVale{}, false
	}
	var v NewVale
	v.Phone, _ = r.Phone()
	var buf [maxSpans]span
	var bare [maxSpans]int64
	n := 0
	for _, s := range r.spans(&buf) {
		value, ok := s.value.Whole()
		switch {
		case !ok || s.article || s.ordinal || r.ofPhone(s):
		case r.isTerm(s):
			v.Quincenas = int(value)
		case value >= minVale:
			v.Amount = choose(v.Amount, money.Pesos(value))
		default:
			bare[n] = value
			n++
		}
	}
	if v.Quincenas == 0 && n == 1 && bare[0] >= 1 && bare[0] <= maxQuincenas {
		v.Quincenas = int(bare[0])
	}
	v.Amount = max(v.Amount, 0)
	return v, true
}

// Between them no number is both an amount and a term.
const (
	minVale      = 100
	maxQuincenas = 72
)

// choose keeps the first amount and gives up on a second, different one.
func choose(have, next money.Amount) money.Amount {
	if have == 0 || have == next {
		return next
	}
	return -1
}

func (r *Reading) startsVale() bool {
	return r.tok.n > 1 && r.u.is(&r.tok.all[0], "vale") && r.tok.all[1].kind == kindNumber
}

func (r *Reading) isTerm(s span) bool {
	t, ok := r.term(s)
	return ok && (t.Unit == UnitQuincena || t.Unit == UnitPayment)
}

// ofPhone reports a number that is (part of) the phone number.
func (r *Reading) ofPhone(s span) bool {
	for i := 0; i <= s.from; {
		run, next := r.digitRun(i)
		if run != "" && s.from >= i && s.to <= next {
			_, err := mexid.ParsePhone(run)
			return err == nil
		}
		i = next
	}
	return false
}
