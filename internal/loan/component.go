package loan

import (
	"fmt"

	"valebot/internal/money"
)

// Component is one kind of money that a borrower owes.
type Component int

// The components, each IVA right after its base.
const (
	Capital Component = iota
	Interest
	InterestIVA
	Mora
	MoraIVA
	Fee
	FeeIVA
	Insurance
	components // how many there are

	noComponent Component = -1
)

var componentNames = [components]string{
	"CAPITAL", "INTEREST", "IVA_INTEREST", "MORA", "IVA_MORA", "FEE", "IVA_FEE", "INSURANCE",
}

// String returns the stable name, such as "IVA_INTEREST".
func (c Component) String() string {
	if c < 0 || c >= components {
		return "UNKNOWN"
	}
	return componentNames[c]
}

// MarshalText writes the stable name.
func (c Component) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the stable name.
func (c *Component) UnmarshalText(text []byte) error {
	for i, name := range componentNames {
		if name == string(text) {
			*c = Component(i)
			return nil
		}
	}
	return fmt.Errorf("unknown component %.20q", text)
}

// base is the component that a part pays first.
func (p Part) base() Component {
	switch p {
	case PartPenalty:
		return Mora
	case PartFee:
		return Fee
	case PartInsurance:
		return Insurance
	case PartInterest:
		return Interest
	case PartCapital:
		return Capital
	}
	return noComponent
}

// tax is the IVA that rides with a component, if it has one.
func (c Component) tax() (Component, bool) {
	switch c {
	case Interest, Mora, Fee:
		return c + 1, true
	}
	return noComponent, false
}

// Parts is an amount per component, indexed by Component, in centavos.
type Parts [components]money.Amount

// Total adds the parts up.
func (p Parts) Total() money.Amount {
	var sum money.Amount
	for _, a := range p {
		sum += a
	}
	return sum
}

func (p Parts) plus(q Parts) Parts {
	for c := range p {
		p[c] += q[c]
	}
	return p
}

func (p Parts) minus(q Parts) Parts {
	for c := range p {
		p[c] -= q[c]
	}
	return p
}
