package loan

// DisbursementState is where an attempt to pay out stands. UNKNOWN is left
// only by what a query answers: an attempt whose outcome nobody knows is never
// sent again. A push from the rail in that state makes the caller ask.
type DisbursementState string

// The states of an attempt to pay out.
const (
	DisbursementCreated   DisbursementState = "CREATED"   // decided, not yet approved
	DisbursementApproved  DisbursementState = "APPROVED"  // may be sent
	DisbursementSending   DisbursementState = "SENDING"   // handed to the rail, no answer yet
	DisbursementUnknown   DisbursementState = "UNKNOWN"   // the answer was lost
	DisbursementAccepted  DisbursementState = "ACCEPTED"  // the rail took it, the money is on its way
	DisbursementSettled   DisbursementState = "SETTLED"   // the money arrived
	DisbursementRejected  DisbursementState = "REJECTED"  // the rail refused it, nothing moved
	DisbursementReturned  DisbursementState = "RETURNED"  // the money came back
	DisbursementCancelled DisbursementState = "CANCELLED" // withdrawn before the money arrived
)

// DisbursementEvent is what happens to an attempt to pay out.
type DisbursementEvent string

// The events of an attempt to pay out.
const (
	DisbursementDoApprove       DisbursementEvent = "approve"
	DisbursementDoSend          DisbursementEvent = "send"
	DisbursementDoAccept        DisbursementEvent = "accept"
	DisbursementDoReject        DisbursementEvent = "reject"
	DisbursementDoTimeout       DisbursementEvent = "timeout"
	DisbursementDoSettle        DisbursementEvent = "settle"
	DisbursementDoReturn        DisbursementEvent = "return"
	DisbursementDoCancel        DisbursementEvent = "cancel"
	DisbursementDoQueryAccepted DisbursementEvent = "query_accepted"
	DisbursementDoQueryRejected DisbursementEvent = "query_rejected"
	DisbursementDoQuerySettled  DisbursementEvent = "query_settled"
)

func disbursementTable() []step[DisbursementState, DisbursementEvent] {
	return []step[DisbursementState, DisbursementEvent]{
		{DisbursementDoApprove, DisbursementCreated, DisbursementApproved},
		{DisbursementDoSend, DisbursementApproved, DisbursementSending},
		{DisbursementDoCancel, DisbursementCreated, DisbursementCancelled},
		{DisbursementDoCancel, DisbursementApproved, DisbursementCancelled},
		{DisbursementDoAccept, DisbursementSending, DisbursementAccepted},
		{DisbursementDoReject, DisbursementSending, DisbursementRejected},
		{DisbursementDoTimeout, DisbursementSending, DisbursementUnknown},
		{DisbursementDoSettle, DisbursementSending, DisbursementSettled}, // the push may overtake the answer
		{DisbursementDoQueryAccepted, DisbursementUnknown, DisbursementAccepted},
		{DisbursementDoQueryRejected, DisbursementUnknown, DisbursementRejected},
		{DisbursementDoQuerySettled, DisbursementUnknown, DisbursementSettled},
		{DisbursementDoSettle, DisbursementAccepted, DisbursementSettled},
		{DisbursementDoCancel, DisbursementAccepted, DisbursementCancelled},
		{DisbursementDoReturn, DisbursementAccepted, DisbursementReturned},
		{DisbursementDoReturn, DisbursementSettled, DisbursementReturned}, // a settled transfer can still come back
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s DisbursementState) Next(e DisbursementEvent) (DisbursementState, error) {
	return next(disbursementTable(), s, e)
}

// Terminal reports whether nothing leads out of the state.
func (s DisbursementState) Terminal() bool { return terminal(disbursementTable(), s) }

// DisbursementTransitions returns the whole table.
func DisbursementTransitions() []Transition { return export(disbursementTable()) }

// CodeState is where a cardless-withdrawal code stands. The loan starts when
// the code is redeemed, never before.
type CodeState string

// The states of a cardless-withdrawal code.
const (
	CodeRequested CodeState = "REQUESTED"  // the issuer has not answered
	CodeIssued    CodeState = "ISSUED"     // the digits exist
	CodeDelivered CodeState = "DELIVERED"  // the beneficiary has the message
	CodeRedeemed  CodeState = "REDEEMED"   // the cash is in hand
	CodeExpired   CodeState = "EXPIRED"    // not used in time
	CodeCancelled CodeState = "CANCELLED"  // withdrawn or never issued
	CodeBlocked   CodeState = "BLOCKED"    // typed wrongly too often
	CodeFundsBack CodeState = "FUNDS_BACK" // the issuer gave the money back
)

// CodeEvent is what happens to a cardless-withdrawal code.
type CodeEvent string

// The events of a cardless-withdrawal code.
const (
	CodeDoIssue     CodeEvent = "issue"
	CodeDoDeliver   CodeEvent = "deliver"
	CodeDoRedeem    CodeEvent = "redeem"
	CodeDoExpire    CodeEvent = "expire"
	CodeDoCancel    CodeEvent = "cancel"
	CodeDoBlock     CodeEvent = "block"
	CodeDoFundsBack CodeEvent = "funds_back"
)

func codeTable() []step[CodeState, CodeEvent] {
	return []step[CodeState, CodeEvent]{
		{CodeDoIssue, CodeRequested, CodeIssued},
		{CodeDoCancel, CodeRequested, CodeCancelled},
		{CodeDoExpire, CodeRequested, CodeExpired},  // never answered, and its time is over
		{CodeDoRedeem, CodeRequested, CodeRedeemed}, // the news may overtake the answer
		{CodeDoDeliver, CodeIssued, CodeDelivered},
		{CodeDoRedeem, CodeIssued, CodeRedeemed},
		{CodeDoExpire, CodeIssued, CodeExpired},
		{CodeDoCancel, CodeIssued, CodeCancelled},
		{CodeDoBlock, CodeIssued, CodeBlocked},
		{CodeDoRedeem, CodeDelivered, CodeRedeemed},
		{CodeDoExpire, CodeDelivered, CodeExpired},
		{CodeDoCancel, CodeDelivered, CodeCancelled},
		{CodeDoBlock, CodeDelivered, CodeBlocked},
		{CodeDoRedeem, CodeExpired, CodeRedeemed}, // withdrawn in the last second, told late
		{CodeDoFundsBack, CodeExpired, CodeFundsBack},
		{CodeDoFundsBack, CodeCancelled, CodeFundsBack},
		{CodeDoFundsBack, CodeBlocked, CodeFundsBack},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s CodeState) Next(e CodeEvent) (CodeState, error) { return next(codeTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s CodeState) Terminal() bool { return terminal(codeTable(), s) }

// CodeTransitions returns the whole table.
func CodeTransitions() []Transition { return export(codeTable()) }
