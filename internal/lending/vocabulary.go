package lending

import "valebot/internal/flow"

// What a dialogue can be about.
const (
	AboutVale        = "vale"
	AboutDistributor = "distribuidora"
	AboutPayment     = "pago"
	AboutComplaint   = "queja"
	AboutRequest     = "solicitud"
)

// Events that the core emits to conversations.
const (
	EventValeAuthorized     = "vale.authorized"
	EventValeActivated      = "vale.activated"
	EventValeDelivered      = "vale.delivered"
	EventValeDeclined       = "vale.declined"
	EventValeExpired        = "vale.expired"
	EventValeCancelled      = "vale.cancelled"
	EventValeInReview       = "vale.in_review" // for the distributor: a person looks at it first
	EventValeCleared        = "vale.cleared"   // for the beneficiary: the review ended well and she chooses how to be paid
	EventValeRejected       = "vale.rejected"  // for the beneficiary: the review ended badly
	EventValeRefused        = "vale.refused"   // for the distributor: likewise
	EventPayoutSettled      = "payout.settled"
	EventPayoutReturned     = "payout.returned"
	EventPayoutExpired      = "payout.expired"
	EventPayoutReview       = "payout.review"    // a rail contradicts what is known
	EventValeWithdrawn      = "vale.withdrawn"   // for the distributor: her vale was cancelled
	EventValeUndelivered    = "vale.undelivered" // for the beneficiary's dialogue: its offer did not arrive and is closed
	EventValeUnreachable    = "vale.unreachable" // for the distributor: the offer could not be delivered
	EventValeOptedOut       = "vale.opted_out"   // for the distributor: the beneficiary wants no messages
	EventCodeUndelivered    = "code.undelivered" // a live code did not reach its beneficiary
	EventInstallmentDue     = "installment.due_soon"
	EventPaymentReceived    = "payment.received"
	EventPaymentPartial     = "payment.partial" // some of what is due is still missing
	EventLoanEnding         = "loan.ending"     // few instalments are left
	EventVisitScheduled     = "visit.scheduled"
	EventInvoiceIssued      = "invoice.issued"
	EventRelacionIssued     = "relacion.issued" // for the distributor: her cut is made
	EventTipOffered         = "tip.offered"
	EventLoanHalfway        = "loan.halfway" // half of the instalments are paid
	EventARCORequested      = "arco.requested"
	EventApplicationStarted = "application.started"
	EventApplicationResumed = "application.resumed"
	EventApplicationDecided = "application.decided"
	EventComplaintOpened    = "complaint.opened"
	EventReferralTaken      = "referral.taken"     // for who passed a word on: somebody came with it
	EventComplaintAnswer    = "complaint.answered" // by a person, outside of its dialogue
	EventIdentityAsked      = "identity.asked"     // who writes at a contact in doubt must prove who she is
	EventIdentityProven     = "identity.proven"    // she did: what waited for it goes on
	EventIdentityRefused    = "identity.refused"   // the provider refused a message since another device is behind the address; no flow hears it
)

// factFields declares the facts. Names are Spanish because the people who
// write flows read them.
func factFields() map[string]flow.Fields {
	return map[string]flow.Fields{
		"vale": {
			"id": flow.Text, "folio": flow.Text, "persona": flow.Text, "persona_nombre": flow.Text,
			"distribuidora": flow.Text, "monto": flow.Amount, "quincenas": flow.Int, "pago": flow.Amount,
			"total": flow.Amount, "cat": flow.Text, "mora": flow.Amount, "mora_diaria": flow.Amount, "primer_pago": flow.Date,
			"expira": flow.Date, "liga": flow.Text, "estado": flow.Text, "entrega": flow.Text,
		},
		"distribuidora": {
			"id": flow.Text, "estatus": flow.Text, "disponible": flow.Amount, "limite": flow.Amount,
			"plazos": flow.Ints, "nombre": flow.Text,
		},
		"cliente": {
			"nombre": flow.Text, "saldo": flow.Amount, "para_terminar": flow.Amount, "ahorro_hoy": flow.Amount, "proximo_monto": flow.Amount, "proxima_fecha": flow.Date,
			"segmento": flow.Text, "pagos_hechos": flow.Int, "promesas_rotas": flow.Int,
			"puede_reestructurar": flow.Bool, "pagos_restantes": flow.Int, "es_distribuidora": flow.Bool,
			"conocida": flow.Bool, "liga": flow.Text, "debe_relacion": flow.Bool, "estado": flow.Text,
			"referencia": flow.Text, "clabe": flow.Text,
		},
		"pago": {
			"credito": flow.Text, "folio": flow.Text, "monto": flow.Amount, "vence": flow.Date,
			"dias_atraso": flow.Int, "pagado": flow.Bool, "referencia": flow.Text, "liga": flow.Text,
			"clabe": flow.Text,
		},
		"solicitud": {"id": flow.Text, "folio": flow.Text, "tipo": flow.Text, "vence": flow.Date,
			"decision": flow.Text, "motivo": flow.Text, "monto": flow.Amount, "desde": flow.Date, "ingreso": flow.Amount, "cada": flow.Text,
			"pago_tope": flow.Amount, "alcanza": flow.Amount, "pide_deudas": flow.Bool},
		"queja": {"id": flow.Text, "folio": flow.Text, "vence": flow.Stamp, "condusef": flow.Text},
	}
}

func aboutFacts() map[string][]string {
	return map[string][]string{
		"":               {"cliente"},
		AboutVale:        {"vale", "cliente"},
		AboutDistributor: {"distribuidora", "cliente"},
		AboutPayment:     {"pago", "cliente"},
		AboutComplaint:   {"queja", "cliente"},
		AboutRequest:     {"solicitud", "cliente"},
	}
}

func eventSpecs() map[string]flow.EventSpec {
	return map[string]flow.EventSpec{
		EventValeAuthorized:  {About: AboutVale},
		EventValeActivated:   {About: AboutVale},
		EventValeDelivered:   {About: AboutVale},
		EventValeDeclined:    {About: AboutVale},
		EventValeExpired:     {About: AboutVale},
		EventValeCancelled:   {About: AboutVale},
		EventValeInReview:    {About: AboutVale},
		EventValeCleared:     {About: AboutVale},
		EventValeRejected:    {About: AboutVale},
		EventValeRefused:     {About: AboutVale},
		EventPayoutSettled:   {About: AboutVale},
		EventPayoutReturned:  {About: AboutVale},
		EventPayoutExpired:   {About: AboutVale},
		EventPayoutReview:    {About: AboutVale},
		EventValeWithdrawn:   {About: AboutVale},
		EventValeUndelivered: {About: AboutVale},
		EventValeUnreachable: {About: AboutVale},
		EventValeOptedOut:    {About: AboutVale},
		EventCodeUndelivered: {About: AboutVale},
		EventInstallmentDue:  {About: AboutPayment},
		EventPaymentPartial:  {About: AboutPayment, Data: flow.Fields{"monto": flow.Amount}},
		EventLoanEnding:      {About: AboutPayment, Data: flow.Fields{"tope": flow.Amount}},
		EventVisitScheduled:  {About: AboutPayment, Data: flow.Fields{"cobrador": flow.Text, "cuando": flow.Stamp}},
		EventInvoiceIssued:   {About: AboutPayment, Data: flow.Fields{"mes": flow.Text, "liga": flow.Text}},
		EventRelacionIssued: {About: AboutDistributor, Data: flow.Fields{
			"folio": flow.Text, "total": flow.Amount, "vence": flow.Date, "referencia": flow.Text}},
		EventTipOffered:         {About: AboutPayment, Data: flow.Fields{"semana": flow.Amount}},
		EventLoanHalfway:        {About: AboutPayment},
		EventARCORequested:      {About: AboutRequest},
		EventApplicationStarted: {About: AboutRequest},
		EventApplicationResumed: {About: AboutRequest},
		EventApplicationDecided: {About: AboutRequest},
		EventComplaintOpened:    {About: AboutComplaint},
		EventReferralTaken:      {},
		EventComplaintAnswer:    {About: AboutComplaint},
		EventPaymentReceived:    {About: AboutPayment, Data: flow.Fields{"monto": flow.Amount}},
		EventIdentityAsked:      {Answers: true},
		EventIdentityProven:     {},
	}
}
