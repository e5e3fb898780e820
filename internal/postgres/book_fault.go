package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/fault"
)

// errStale says that somebody else wrote first: the transaction is lost, and
// everything may be run again from the start on fresh data.
var errStale = fault.New(fault.Conflict, "stale", "Alguien más lo cambió al mismo tiempo.")

// The doors through which money passes once. Actions look for each of these
// keys in their Book before they write, so a door only closes on what came in
// meanwhile: its fault is always the cause of an errStale. One that keeps
// coming back is a bug.
var (
	errPayoutLive  = fault.New(fault.Conflict, "payout_live", "Ese préstamo ya tiene una entrega en curso.")
	errRastreo     = fault.New(fault.Conflict, "rastreo_used", "Esa clave de rastreo ya se usó.")
	errPayment     = fault.New(fault.Conflict, "payment_known", "Ese pago ya está registrado.")
	errPromiseOpen = fault.New(fault.Conflict, "promise_open", "Ese préstamo ya tiene una promesa abierta.")
	errLoanExists  = fault.New(fault.Conflict, "loan_exists", "Ese vale ya tiene su préstamo.")
	errPhone       = fault.New(fault.Conflict, "phone_known", "Ese teléfono ya está registrado.")
	errKnown       = fault.New(fault.Conflict, "already_there", "Ese registro ya existe.")
	// A line out of its bounds means that the vale or loan and the line were read
	// at two moments, with somebody else's change in between: actions check the
	// bounds themselves on what they have read.
	errTorn = fault.New(fault.Conflict, "line_torn", "La línea de crédito cambió al mismo tiempo.")
)

// errTransition is never stale: a row that changed meanwhile is not updated at
// all, so the program has decided on what its own tables forbid.
var errTransition = fault.New(fault.Conflict, "bad_transition", "Eso ya no se puede hacer en el estado en que está.")

// translate turns what the database refuses into faults, by the constraint's
// name and nowhere else. Everything that it does not know stays as it is.
func translate(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return err
	}
	if refused.ConstraintName == "state_transition" {
		return errTransition.Because(err)
	}
	if door := doorOf(refused.ConstraintName); door != nil {
		return errStale.Because(door.Because(err))
	}
	return err
}

func doorOf(constraint string) *fault.Fault {
	switch constraint {
	case "disbursement_one_live":
		return errPayoutLive
	case "disbursement_rastreo":
		return errRastreo
	case "payment_source_reference_key", "deposit_source_reference_key":
		return errPayment
	case "promise_one_open":
		return errPromiseOpen
	case "loan_vale_id_key", "vale_loan_id_key":
		return errLoanExists
	case "person_phone_key":
		return errPhone
	case "distributor_held_cents_check", "distributor_used_cents_check", "distributor_check":
		return errTorn
	case "person_pkey", "distributor_pkey", "distributor_person_id_key", "vale_pkey", "vale_folio_key",
		"loan_pkey", "loan_folio_key", "loan_reference_key", "disbursement_pkey", "withdrawal_code_pkey",
		"payment_pkey", "promise_pkey", "complaint_pkey", "complaint_folio_key", "contact_pkey", "request_pkey", "request_folio_key", "request_one_open",
		"corte_pkey", "corte_branch_seq_key", "corte_branch_to_day_key", "corte_one_open", "corte_consecutive",
		"relacion_pkey", "relacion_folio_key", "relacion_reference_key", "relacion_distributor_id_corte_id_key",
		"relacion_rows_pkey", "relacion_deposit_pkey", "correction_pkey", "correction_folio_key",
		"referral_pkey", "referral_word_key", "referral_taken_by_key":
		return errKnown
	}
	return nil
}
