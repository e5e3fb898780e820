package ledger_test

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/ledger"
)

func sample() ledger.Entry {
	e, _ := ledger.NewEntry("01J", noon(), "evt-1", "línea", ledger.GrantLine("D-1", 20000_00)...)
	return e
}

// The encoding may never change under entries that exist: this hash is fixed.
func TestHashIsStable(t *testing.T) {
	t.Parallel()
	const want = "bff032e380531fa2c00706c4b4580a74d056df5e2e9dbe1711f0a2c2e8daa242"
	if got := hex.EncodeToString(ledger.Hash(nil, sample())); got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
}

func TestHashSeesEveryField(t *testing.T) {
	t.Parallel()
	seen := map[string]string{string(ledger.Hash(nil, sample())): "the entry itself"}
	for name, change := range map[string]func(*ledger.Entry){
		"id":       func(e *ledger.Entry) { e.ID = "01K" },
		"time":     func(e *ledger.Entry) { e.At = e.At.Add(time.Microsecond) },
		"cause":    func(e *ledger.Entry) { e.Cause = "evt-2" },
		"memo":     func(e *ledger.Entry) { e.Memo = "línea " },
		"reverses": func(e *ledger.Entry) { e.Reverses = "01A" },
		"amount":   func(e *ledger.Entry) { e.Lines[0].Amount++ },
		"owner":    func(e *ledger.Entry) { e.Lines[0].Account.Owner = "D-2" },
		"code":     func(e *ledger.Entry) { e.Lines[0].Account.Code = ledger.LineHold },
		"order":    func(e *ledger.Entry) { e.Lines[0], e.Lines[1] = e.Lines[1], e.Lines[0] },
		"lines":    func(e *ledger.Entry) { e.Lines = e.Lines[:1] },
		"shifted":  func(e *ledger.Entry) { e.ID, e.Cause = "01Je", "vt-1" },
	} {
		e := sample()
		change(&e)
		h := string(ledger.Hash(nil, e))
		if other, ok := seen[h]; ok {
			t.Errorf("%s hashes like %s", name, other)
		}
		seen[h] = name
	}
	if bytes.Equal(ledger.Hash([]byte("x"), sample()), ledger.Hash(nil, sample())) {
		t.Error("the hash does not depend on the one before")
	}
}

func TestHashIgnoresTheZoneOfTheTime(t *testing.T) {
	t.Parallel()
	e := sample()
	e.At = e.At.In(time.FixedZone("CST", -6*3600))
	if !bytes.Equal(ledger.Hash(nil, e), ledger.Hash(nil, sample())) {
		t.Error("the same instant in another zone hashes differently")
	}
}

func TestVerifyChainFindsAnyChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "entries")
		var entries []ledger.Entry
		var hashes [][]byte
		var prev []byte
		for i := range n {
			e := sample()
			e.ID += string(rune('a' + i))
			prev = ledger.Hash(prev, e)
			entries, hashes = append(entries, e), append(hashes, prev)
		}
		if err := ledger.VerifyChain(nil, entries, hashes); err != nil {
			t.Fatal(err)
		}
		if ledger.VerifyChain(nil, entries, hashes[1:]) == nil {
			t.Fatal("a missing hash is not found")
		}
		victim := rapid.IntRange(0, n-1).Draw(t, "victim")
		entries[victim].Lines[1].Amount--
		if ledger.VerifyChain(nil, entries, hashes) == nil {
			t.Fatalf("a change of entry %d of %d is not found", victim, n)
		}
	})
}
