package loan

// ValeState is where a vale stands. DRAFT until it is authorised; CONVERTED
// once the loan exists. All terminal states but CONVERTED release the hold on
// the line.
type ValeState string

// The states of a vale.
const (
	ValeDraft      ValeState = "DRAFT"      // being written, holds nothing
	ValeAuthorised ValeState = "AUTHORISED" // has folio, frozen terms and a hold on the line
	ValeOffered    ValeState = "OFFERED"    // the provider took the message with the offer
	ValeInReview   ValeState = "IN_REVIEW"  // a person checks identity or a risk
	ValeAccepted   ValeState = "ACCEPTED"   // the beneficiary said yes
	ValeConverted  ValeState = "CONVERTED"  // the loan exists
	ValeDeclined   ValeState = "DECLINED"   // the beneficiary said no
	ValeExpired    ValeState = "EXPIRED"    // nobody answered in time
	ValeCancelled  ValeState = "CANCELLED"  // the lender or the distributor withdrew it
	ValeRejected   ValeState = "REJECTED"   // the review ended badly
)

// ValeEvent is what happens to a vale.
type ValeEvent string

// The events of a vale.
const (
	ValeDoAuthorise ValeEvent = "authorise"
	ValeDoOffer     ValeEvent = "offer"
	ValeDoAccept    ValeEvent = "accept"
	ValeDoReview    ValeEvent = "review"
	ValeDoClear     ValeEvent = "clear"
	ValeDoConvert   ValeEvent = "convert"
	ValeDoDecline   ValeEvent = "decline"
	ValeDoExpire    ValeEvent = "expire"
	ValeDoCancel    ValeEvent = "cancel"
	ValeDoReject    ValeEvent = "reject"
)

func valeTable() []step[ValeState, ValeEvent] {
	return []step[ValeState, ValeEvent]{
		{ValeDoAuthorise, ValeDraft, ValeAuthorised},
		{ValeDoOffer, ValeAuthorised, ValeOffered},
		{ValeDoAccept, ValeAuthorised, ValeAccepted}, // a reply may overtake the provider's status
		{ValeDoAccept, ValeOffered, ValeAccepted},
		{ValeDoReview, ValeOffered, ValeInReview},
		{ValeDoReview, ValeAccepted, ValeInReview},
		{ValeDoClear, ValeInReview, ValeAccepted},
		{ValeDoReject, ValeInReview, ValeRejected},
		{ValeDoConvert, ValeAccepted, ValeConverted},
		{ValeDoDecline, ValeAuthorised, ValeDeclined},
		{ValeDoDecline, ValeOffered, ValeDeclined},
		{ValeDoExpire, ValeAuthorised, ValeExpired},
		{ValeDoExpire, ValeOffered, ValeExpired},
		{ValeDoCancel, ValeAuthorised, ValeCancelled},
		{ValeDoCancel, ValeOffered, ValeCancelled},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s ValeState) Next(e ValeEvent) (ValeState, error) { return next(valeTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s ValeState) Terminal() bool { return terminal(valeTable(), s) }

// ValeTransitions returns the whole table.
func ValeTransitions() []Transition { return export(valeTable()) }

// LoanState is where a loan stands. Arrears are derived from the position,
// never a state.
type LoanState string

// The states of a loan.
const (
	LoanPendingDisbursement LoanState = "PENDING_DISBURSEMENT" // accepted, money not yet in hand, no interest
	LoanActive              LoanState = "ACTIVE"               // the money is in hand and owed
	LoanSettled             LoanState = "SETTLED"              // owes exactly nothing
	LoanRestructured        LoanState = "RESTRUCTURED"         // closed by a new loan
	LoanWrittenOff          LoanState = "WRITTEN_OFF"          // a loss, still collectable
	LoanRecovered           LoanState = "RECOVERED"            // collected after the loss
	LoanCancelled           LoanState = "CANCELLED"            // never paid out
	LoanReversed            LoanState = "REVERSED"             // the money came back untouched and it ended
)

// LoanEvent is what happens to a loan.
type LoanEvent string

// The events of a loan.
const (
	LoanDoActivate    LoanEvent = "activate"
	LoanDoSettle      LoanEvent = "settle"
	LoanDoReopen      LoanEvent = "reopen"
	LoanDoRestructure LoanEvent = "restructure"
	LoanDoWriteOff    LoanEvent = "write_off"
	LoanDoRecover     LoanEvent = "recover"
	LoanDoCancel      LoanEvent = "cancel"
	LoanDoMoneyBack   LoanEvent = "money_back"
	LoanDoReverse     LoanEvent = "reverse"
)

func loanTable() []step[LoanState, LoanEvent] {
	return []step[LoanState, LoanEvent]{
		{LoanDoActivate, LoanPendingDisbursement, LoanActive},
		{LoanDoCancel, LoanPendingDisbursement, LoanCancelled},
		{LoanDoSettle, LoanActive, LoanSettled},
		{LoanDoReopen, LoanSettled, LoanActive}, // a payment was reversed
		{LoanDoRestructure, LoanActive, LoanRestructured},
		{LoanDoWriteOff, LoanActive, LoanWrittenOff},
		{LoanDoRecover, LoanWrittenOff, LoanRecovered},
		{LoanDoReopen, LoanRecovered, LoanWrittenOff},          // a payment was reversed
		{LoanDoMoneyBack, LoanActive, LoanPendingDisbursement}, // a settled transfer was returned; another attempt may follow
		{LoanDoReverse, LoanActive, LoanReversed},
	}
}

// Next returns the state after the event, or a Conflict with code
// bad_transition.
func (s LoanState) Next(e LoanEvent) (LoanState, error) { return next(loanTable(), s, e) }

// Terminal reports whether nothing leads out of the state.
func (s LoanState) Terminal() bool { return terminal(loanTable(), s) }

// LoanTransitions returns the whole table.
func LoanTransitions() []Transition { return export(loanTable()) }
