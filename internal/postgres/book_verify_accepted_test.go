package postgres

import (
	"testing"
)

// Every byte that proves an acceptance is held by the chain: whatever is
// changed behind the program's back, verify finds it and names the folio.
func TestVerifyFindsChangedAcceptances(t *testing.T) {
	t.Parallel()
	l := newLender(t)
	ana := l.person(1)
	if r, err := l.authorise(ana); err != nil || r.Outcome != "ok" {
		t.Fatalf("authorise = %+v, %v", r, err)
	}
	v, _ := l.valeOf(ana)
	if r, err := l.accept(ana, v); err != nil || r.Outcome != "ok" {
		t.Fatalf("accept = %+v, %v", r, err)
	}
	r, err := l.Verify(t.Context())
	if err != nil || r.Acceptances != 1 || len(r.Differences) != 0 {
		t.Fatalf("sound: %+v, %v", r, err)
	}
	const folio = "V-00001"
	for _, tt := range []struct{ name, do, undo, check string }{
		{"a byte of the evidence", `update vale set evidence = set_byte(evidence, 30, get_byte(evidence, 30) # 1)`, "", "acceptance"},
		{"the evidence removed", `update vale set evidence = null`,
			`update vale set evidence = (select evidence from saved)`, "acceptance"},
		{"the hash of the terms", `update vale set terms_hash = overlay(terms_hash placing 'f00d' from 1)`,
			`update vale set terms_hash = (select terms_hash from saved)`, "terms"},
		{"the rate", `update vale set quote = jsonb_set(quote, '{terms,total}', '400000')`,
			`update vale set quote = (select quote from saved)`, "terms"},
		{"a row of the schedule", `update vale set quote = jsonb_set(quote, '{rows,0,capital}', '1')`,
			`update vale set quote = (select quote from saved)`, "terms"},
		{"the terms of the loan", `update loan set quote = jsonb_set(quote, '{terms,total}', '400000')`,
			`update loan set quote = (select quote from saved)`, "terms"},
		{"whose vale it is", `update vale set person_id = (select person_id from distributor)`,
			`update vale set person_id = (select person_id from saved)`, "acceptance"},
	} {
		l.must(l.exec("drop table if exists saved"))
		l.must(l.exec("create table saved as select evidence, terms_hash, quote, person_id from vale"))
		l.must(l.exec(tt.do))
		r, err := l.Verify(t.Context())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		found := false
		for _, d := range r.Differences {
			found = found || d.Check == tt.check && d.Where == folio && d.Text != ""
		}
		if !found {
			t.Errorf("%s: not found in %+v", tt.name, r.Differences)
		}
		if tt.undo == "" { // flipping it again restores it
			tt.undo = tt.do
		}
		l.must(l.exec(tt.undo))
		l.sound("undoing " + tt.name)
	}
	// The seal itself is an entry of the chain.
	l.must(l.exec("alter table ledger_entry disable trigger user"))
	l.must(l.exec(`update ledger_entry set memo = replace(memo, 'aceptación ', 'aceptación 0') where memo like '%aceptación%'`))
	r, err = l.Verify(t.Context())
	if err != nil || len(r.Differences) != 2 || r.Differences[0].Check != "chain" || r.Differences[1].Check != "acceptance" {
		t.Errorf("the seal changed: %+v, %v", r.Differences, err)
	}
}
