package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"valebot/internal/fault"
)

// The refusals of the doors through which money passes. All are conflicts with
// somebody who was faster: actions look for every one of these keys in their
// Book before they write, so a door only closes on what came in meanwhile.
var (
	errStale       = fault.New(fault.Conflict, "stale", "Alguien más lo cambió al mismo tiempo.")
	errPayoutLive  = fault.New(fault.Conflict, "payout_live", "Ese préstamo ya tiene una entrega en curso.")
	errRastreo     = fault.New(fault.Conflict, "rastreo_used", "Esa clave de rastreo ya se usó.")
	errPayment     = fault.New(fault.Conflict, "payment_known", "Ese pago ya está registrado.")
	errPromiseOpen = fault.New(fault.Conflict, "promise_open", "Ese préstamo ya tiene una promesa abierta.")
	errLoanExists  = fault.New(fault.Conflict, "loan_exists", "Ese vale ya tiene su préstamo.")
	errPhone       = fault.New(fault.Conflict, "phone_known", "Ese teléfono ya está registrado.")
	errTransition  = fault.New(fault.Conflict, "bad_transition", "Eso ya no se puede hacer en el estado en que está.")
)

// translate turns what the database refuses into faults, by the constraint's
// name and nowhere else. Everything that it does not know stays as it is.
func translate(err error) error {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.ConstraintName {
	case "disbursement_one_live":
		return errPayoutLive.Because(err)
	case "disbursement_rastreo":
		return errRastreo.Because(err)
	case "payment_source_reference_key":
		return errPayment.Because(err)
	case "promise_one_open":
		return errPromiseOpen.Because(err)
	case "loan_vale_id_key", "vale_loan_id_key":
		return errLoanExists.Because(err)
	case "person_phone_key":
		return errPhone.Because(err)
	case "state_transition":
		return errTransition.Because(err)
	case "person_pkey", "distributor_pkey", "distributor_person_id_key", "vale_pkey", "vale_folio_key",
		"loan_pkey", "loan_folio_key", "loan_reference_key", "disbursement_pkey", "withdrawal_code_pkey",
		"payment_pkey", "promise_pkey", "complaint_pkey", "complaint_folio_key", "contact_pkey":
		return errStale.Because(err)
	}
	return err
}

// Rerun reports whether a write was refused only because others wrote first, so
// that everything may be run again from the start on fresh data. A refusal that
// comes back is a bug: bound the tries.
func Rerun(err error) bool {
	for _, door := range []error{
		errStale, errPayoutLive, errRastreo, errPayment, errPromiseOpen, errLoanExists, errPhone, errTransition,
	} {
		if errors.Is(err, door) {
			return true
		}
	}
	return false
}
