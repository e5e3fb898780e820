package loan

// PaymentState is where money received stands. Excess goes to the payer's
// saldo a favor, without a state of its own.
type PaymentState string

// The states of money received.
const (
	PaymentReceived        PaymentState = "RECEIVED"         // answered to the rail, not yet looked at
	PaymentMatched         PaymentState = "MATCHED"          // its loan is known
	PaymentUnmatched       PaymentState = "UNMATCHED"        // nobody knows yet for whom
	PaymentPosted          PaymentState = "POSTED"           // counts toward the loan
	PaymentReversed        PaymentState = "REVERSED"         // no longer counts
	PaymentReturnRequested PaymentState = "RETURN_REQUESTED" // to be sent back
	PaymentReturned        PaymentState = "RETURNED"         // sent back
)

// PaymentEvent is what happens to money received.
type PaymentEvent string

// The events of money received.
const (
	PaymentDoMatch         PaymentEvent = "match"
	PaymentDoPark          PaymentEvent = "park"
	PaymentDoPost          PaymentEvent = "post"
	PaymentDoReverse       PaymentEvent = "reverse"
	PaymentDoRequestReturn PaymentEvent = "request_return"
	PaymentDoReturn        PaymentEvent = "return"
)

func paymentTable() []step[PaymentState, PaymentEvent] {
	return []step[PaymentState, PaymentEvent]{
		{PaymentDoMatch, PaymentReceived, PaymentMatched},
		{PaymentDoPark, PaymentReceived, PaymentUnmatched},
		{PaymentDoMatch, PaymentUnmatched, PaymentMatched},
		{PaymentDoPost, PaymentMatched, PaymentPosted},
		{PaymentDoReverse, PaymentPosted, PaymentReversed},
		{PaymentDoRequestReturn, PaymentReceived, PaymentReturnRequested},
		{PaymentDoRequestReturn, PaymentUnmatched, PaymentReturnRequested},
		{PaymentDoReturn, PaymentReturnRequested, PaymentReturned},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s PaymentState) Next(e PaymentEvent) (PaymentState, error) { return next(paymentTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s PaymentState) Terminal() bool { return terminal(paymentTable(), s) }

// PaymentTransitions returns the whole table.
func PaymentTransitions() []Transition { return export(paymentTable()) }

// PromiseState is where a promise to pay stands. It changes who is written to
// and when, never the debt.
type PromiseState string

// The states of a promise to pay.
const (
	PromiseOpen       PromiseState = "OPEN"        // its day has not passed
	PromiseKept       PromiseState = "KEPT"        // the money came
	PromisePartlyKept PromiseState = "PARTLY_KEPT" // part of it came
	PromiseBroken     PromiseState = "BROKEN"      // nothing came
	PromiseCancelled  PromiseState = "CANCELLED"   // withdrawn
	PromiseSuperseded PromiseState = "SUPERSEDED"  // a new promise took its place
)

// PromiseEvent is what happens to a promise to pay.
type PromiseEvent string

// The events of a promise to pay.
const (
	PromiseDoKeep       PromiseEvent = "keep"
	PromiseDoKeepPartly PromiseEvent = "keep_partly"
	PromiseDoBreak      PromiseEvent = "break"
	PromiseDoCancel     PromiseEvent = "cancel"
	PromiseDoSupersede  PromiseEvent = "supersede"
)

func promiseTable() []step[PromiseState, PromiseEvent] {
	return []step[PromiseState, PromiseEvent]{
		{PromiseDoKeep, PromiseOpen, PromiseKept},
		{PromiseDoKeepPartly, PromiseOpen, PromisePartlyKept},
		{PromiseDoBreak, PromiseOpen, PromiseBroken},
		{PromiseDoCancel, PromiseOpen, PromiseCancelled},
		{PromiseDoSupersede, PromiseOpen, PromiseSuperseded},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s PromiseState) Next(e PromiseEvent) (PromiseState, error) { return next(promiseTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s PromiseState) Terminal() bool { return terminal(promiseTable(), s) }

// PromiseTransitions returns the whole table.
func PromiseTransitions() []Transition { return export(promiseTable()) }

// DistributorState is where a distributor stands. BLOCKED is for arrears and
// ends by itself when nothing is overdue.
type DistributorState string

// The states of a distributor.
const (
	DistributorApplicant DistributorState = "APPLICANT" // asked for a line
	DistributorActive    DistributorState = "ACTIVE"    // may authorise vales
	DistributorBlocked   DistributorState = "BLOCKED"   // in arrears
	DistributorClosed    DistributorState = "CLOSED"    // no longer one
)

// DistributorEvent is what happens to a distributor.
type DistributorEvent string

// The events of a distributor.
const (
	DistributorDoActivate DistributorEvent = "activate"
	DistributorDoBlock    DistributorEvent = "block"
	DistributorDoUnblock  DistributorEvent = "unblock"
	DistributorDoClose    DistributorEvent = "close"
)

func distributorTable() []step[DistributorState, DistributorEvent] {
	return []step[DistributorState, DistributorEvent]{
		{DistributorDoActivate, DistributorApplicant, DistributorActive},
		{DistributorDoBlock, DistributorActive, DistributorBlocked},
		{DistributorDoUnblock, DistributorBlocked, DistributorActive},
		{DistributorDoClose, DistributorActive, DistributorClosed},
		{DistributorDoClose, DistributorBlocked, DistributorClosed},
		{DistributorDoClose, DistributorApplicant, DistributorClosed},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s DistributorState) Next(e DistributorEvent) (DistributorState, error) {
	return next(distributorTable(), s, e)
}

// Terminal reports whether nothing leads out of the state.
func (s DistributorState) Terminal() bool { return terminal(distributorTable(), s) }

// DistributorTransitions returns the whole table.
func DistributorTransitions() []Transition { return export(distributorTable()) }
