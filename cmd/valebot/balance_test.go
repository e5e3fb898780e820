package main

import (
	"testing"

	"valebot/internal/ledger"
)

func TestLedgerBalance(t *testing.T) {
	t.Parallel()
	p, as := counter(t)
	as("luis", "payment", "post", "V-99999", "487.50", "--referencia", "T-1", "--fecha", "2026-03-02").must(t, exitDone)
	says(t, p.run("ledger", "balance").must(t, exitDone).out, "line_limit", "-$20,000.00", "unmatched_in", "$487.50", "total")
	lines := decoded[[]trialLine](t, p.run("ledger", "balance", "--json").must(t, exitDone).out)
	if len(lines) != len(ledger.Chart()) {
		t.Errorf("%d accounts", len(lines))
	}
	for _, l := range lines {
		if l.Balance != l.Debits-l.Credits || l.Account == "unmatched_in" && l.Balance != -48750 {
			t.Errorf("%+v", l)
		}
	}
	held := decoded[[]ownerBalance](t, p.run("ledger", "balance", "--cuenta", "unmatched_in", "--json").must(t, exitDone).out)
	if len(held) != 1 || held[0].Balance != -48750 {
		t.Errorf("%+v", held)
	}
	for _, l := range decoded[[]trialLine](t, p.run("ledger", "balance", "--at", "2020-01-01", "--json").must(t, exitDone).out) {
		if l.Debits != 0 || l.Credits != 0 {
			t.Errorf("before anything: %+v", l)
		}
	}
	says(t, p.run("ledger", "balance", "--cuenta", "unmatched").must(t, exitUsage).err, "no hay cuenta «unmatched»", "unmatched_in")
	says(t, p.run("ledger", "balance", "--at", "marzo").must(t, exitUsage).err, "no es una fecha")
}
