package loan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// arrows is the life of everything, written a second time and by state, the
// way a lawyer or an operator would read it. SQL checks are seeded from the
// tables, so a change here is a migration.
const arrows = `
vale
  DRAFT: authorise AUTHORISED
  AUTHORISED: accept ACCEPTED, cancel CANCELLED, decline DECLINED, expire EXPIRED, offer OFFERED
  OFFERED: accept ACCEPTED, cancel CANCELLED, decline DECLINED, expire EXPIRED, review IN_REVIEW
  ACCEPTED: convert CONVERTED, review IN_REVIEW
  IN_REVIEW: clear ACCEPTED, reject REJECTED
loan
  PENDING_DISBURSEMENT: activate ACTIVE, cancel CANCELLED
  ACTIVE: money_back PENDING_DISBURSEMENT, restructure RESTRUCTURED, reverse REVERSED, settle SETTLED, write_off WRITTEN_OFF
  SETTLED: reopen ACTIVE
  WRITTEN_OFF: recover RECOVERED
  RECOVERED: reopen WRITTEN_OFF
disbursement
  CREATED: approve APPROVED, cancel CANCELLED
  APPROVED: cancel CANCELLED, send SENDING
  SENDING: accept ACCEPTED, reject REJECTED, settle SETTLED, timeout UNKNOWN
  UNKNOWN: query_accepted ACCEPTED, query_rejected REJECTED, query_settled SETTLED
  ACCEPTED: cancel CANCELLED, return RETURNED, settle SETTLED
  SETTLED: return RETURNED
code
  REQUESTED: cancel CANCELLED, expire EXPIRED, issue ISSUED, redeem REDEEMED
  ISSUED: block BLOCKED, cancel CANCELLED, deliver DELIVERED, expire EXPIRED, redeem REDEEMED
  DELIVERED: block BLOCKED, cancel CANCELLED, expire EXPIRED, redeem REDEEMED
  EXPIRED: funds_back FUNDS_BACK, redeem REDEEMED
  CANCELLED: funds_back FUNDS_BACK
  BLOCKED: funds_back FUNDS_BACK
payment
  RECEIVED: match MATCHED, park UNMATCHED, request_return RETURN_REQUESTED
  UNMATCHED: match MATCHED, request_return RETURN_REQUESTED
  MATCHED: post POSTED
  POSTED: reverse REVERSED
  RETURN_REQUESTED: return RETURNED
promise
  OPEN: break BROKEN, cancel CANCELLED, keep KEPT, keep_partly PARTLY_KEPT, supersede SUPERSEDED
distributor
  APPLICANT: activate ACTIVE, close CLOSED
  ACTIVE: block BLOCKED, close CLOSED
  BLOCKED: close CLOSED, unblock ACTIVE
corte
  OPEN: start CLOSING
  CLOSING: finish CLOSED
relacion
  GENERATED: carry CARRIED, cover PARTIAL, expire OVERDUE, pay PAID
  PARTIAL: carry CARRIED, expire OVERDUE, pay PAID, uncover GENERATED
  OVERDUE: carry CARRIED, pay PAID
  PAID: cover PARTIAL, expire OVERDUE, uncover GENERATED`

func TestArrowsAreTheAgreedOnes(t *testing.T) {
	t.Parallel()
	all := machines()
	var got []string
	for _, name := range []string{"vale", "loan", "disbursement", "code", "payment", "promise", "distributor", "corte", "relacion"} {
		got = append(got, name)
		var sources []string
		leads := map[string][]string{}
		for _, row := range all[name].rows {
			if leads[row.Source] == nil {
				sources = append(sources, row.Source)
			}
			leads[row.Source] = append(leads[row.Source], row.Event+" "+row.Destination)
		}
		for _, source := range sources {
			slices.Sort(leads[source])
			got = append(got, fmt.Sprintf("  %s: %s", source, strings.Join(leads[source], ", ")))
		}
	}
	if diff := cmp.Diff(strings.TrimSpace(arrows), strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-agreed +tables):\n%s", diff)
	}
}

// Every state can be reached from the first one, so that none is dead text.
func TestEveryStateIsReachable(t *testing.T) {
	t.Parallel()
	first := map[string]string{
		"vale": "DRAFT", "loan": "PENDING_DISBURSEMENT", "disbursement": "CREATED", "code": "REQUESTED",
		"payment": "RECEIVED", "promise": "OPEN", "distributor": "APPLICANT",
		"corte": "OPEN", "relacion": "GENERATED",
	}
	for name, m := range machines() {
		reached := map[string]bool{first[name]: true}
		for range m.rows {
			for _, row := range m.rows {
				if reached[row.Source] {
					reached[row.Destination] = true
				}
			}
		}
		for _, row := range m.rows {
			if !reached[row.Source] || !reached[row.Destination] {
				t.Errorf("%s: %s or %s is out of reach", name, row.Source, row.Destination)
			}
		}
	}
}
