package flow

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

// anyValue draws a value of every type that a slot can hold.
func anyValue(t *rapid.T, depth int) any {
	kinds := 7
	if depth > 0 {
		kinds = 8
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.String().Draw(t, "text")
	case 1:
		return rapid.Int().Draw(t, "int")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		return money.Amount(rapid.Int64().Draw(t, "amount"))
	case 4:
		return quincena.Date{Year: 2026, Month: time.March, Day: 1}.AddDays(rapid.IntRange(-20000, 20000).Draw(t, "days"))
	case 5:
		return time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
	case 6:
		return rapid.SliceOf(rapid.Int()).Draw(t, "ints")
	}
	return anyRecord(t, depth-1)
}

func anyRecord(t *rapid.T, depth int) map[string]any {
	out := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "fields") {
		out[rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "name")] = anyValue(t, depth)
	}
	return out
}

func anyState(t *rapid.T) State {
	words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,8}`), 1, 3)
	s := State{
		step: rapid.String().Draw(t, "step"), slots: anyRecord(t, 2), told: words.Draw(t, "told"),
		asked: rapid.Bool().Draw(t, "asked"), parked: rapid.Bool().Draw(t, "parked"), unclear: rapid.IntRange(0, 9).Draw(t, "unclear"),
		acts: rapid.IntRange(0, 99).Draw(t, "acts"), token: rapid.String().Draw(t, "token"), held: rapid.String().Draw(t, "held"),
		pending: pending{rapid.String().Draw(t, "name"), rapid.String().Draw(t, "pending"), rapid.Bool().Draw(t, "mute")},
		core:    anyRecord(t, 1),
	}
	if rapid.Bool().Draw(t, "late") {
		s.late = []late{{Happened, "payout.settled", "", anyRecord(t, 1)}}
	}
	return s
}

// A state that is stored and read is the same state, with the same types.
func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyState(t)
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back State
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil {
			t.Fatal(err)
		}
		if string(again) != string(data) {
			t.Fatalf("%s\nbecame\n%s", data, again)
		}
		for name, v := range s.slots {
			if reflect.TypeOf(back.slots[name]) != reflect.TypeOf(v) {
				t.Fatalf("slot %s was a %T and is a %T", name, v, back.slots[name])
			}
		}
	})
}

func TestStateKeepsNothingUnknown(t *testing.T) {
	t.Parallel()
	for _, bad := range []any{3.5, []string{"a"}, struct{}{}, nil, map[string]any{"x": 1.5}} {
		if _, err := json.Marshal(State{slots: map[string]any{"x": bad}}); err == nil {
			t.Errorf("a %T was stored", bad)
		}
	}
	for _, bad := range []string{`{"slots":{"x":{"t":"float","v":1}}}`, `{"slots":{"x":{"t":"int","v":"a"}}}`, `{"core":{"x":{"t":"record","v":{"y":{"t":"?","v":1}}}}}`, `[]`, `{"late":[{"result":{"x":{"t":"int"}}}]}`} {
		var s State
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s was read as %+v", bad, s)
		}
	}
}

// A machine that goes round without waiting cannot be loaded. Should one come
// to be all the same, the turn ends with a person.
func TestLoopGuard(t *testing.T) {
	t.Parallel()
	m := &Machine{name: "rueda", index: map[string]int{"a": 0, "b": 1}, steps: []step{
		{name: "a", kind: passes, nextAll: 1}, {name: "b", kind: passes, nextAll: 0},
	}}
	d := Turn(m, m.Start(nil), Event{Kind: Started}, nil, Env{})
	if d.Status != HandedTo || len(d.Path) != maxRun+1 {
		t.Errorf("status %s after %d steps", d.Status, len(d.Path))
	}
}

// A turn that panics hands over instead of taking the transaction with it.
func TestTurnNeverPanics(t *testing.T) {
	t.Parallel()
	m := &Machine{name: "rota", index: map[string]int{"a": 0}, steps: []step{{name: "a", kind: passes, nextAll: 7}}}
	d := Turn(m, m.Start(nil), Event{Kind: Started}, nil, Env{})
	if h, ok := d.Effects[len(d.Effects)-1].(Handoff); !ok || d.Status != HandedTo || h.Queue != general {
		t.Errorf("it decided %+v", d)
	}
}

func TestParseWait(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"30m": 30 * time.Minute, "4h": 4 * time.Hour, "3d": 72 * time.Hour, "365d": 365 * 24 * time.Hour} {
		if got, ok := ParseWait(text); !ok || got != want {
			t.Errorf("ParseWait(%q) = %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "h", "0h", "-4h", "+4h", "4", "4 h", "4s", "366d", "99999h", "99999d", "1.5h"} {
		if got, ok := ParseWait(text); ok {
			t.Errorf("ParseWait(%q) = %v", text, got)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"¡Saldo, por favor!": "saldo por favor", "¿CUÁNTO debo?": "cuanto debo", "  sí ": "si", "???": "", "información": "informacion", "ñandú": "ñandu"} {
		if got := fold(text); got != want {
			t.Errorf("fold(%q) = %q, want %q", text, got, want)
		}
	}
	if !contains("yo no pedi nada", "yo no pedi") || contains("bajar", "baja") || contains("sabajar baja", "bajar") || contains("a", "") {
		t.Error("phrases are whole words")
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	facts := map[string]Fields{"vale": {"monto": Amount, "plazos": Ints, "dia": Date, "alta": Stamp, "estado": Text, "n": Int}}
	s := newScope(facts, nil)
	now := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	values := map[string]any{
		"vale": map[string]any{"monto": money.Amount(48750), "plazos": []int{4, 6}, "dia": quincena.Date{Year: 2026, Month: time.March, Day: 15}, "alta": now, "estado": "OK", "n": 3},
		"days": func(n int) days { return days(n) }, "today": func() quincena.Date { return quincena.On(now, time.UTC) },
	}
	for text, want := range map[string]bool{
		"vale.monto > 487": true, "vale.monto < 488": true, "vale.monto >= 488": false, "487 < vale.monto": true, "vale.monto == 487": false,
		"vale.monto + 1 > 488": true, "vale.monto - 1 > 487": false, "vale.monto * 2 == 975": true, "2 * vale.monto != 975": false,
		"vale.monto + vale.monto <= 975": true, "vale.n in vale.plazos": false, "4 in vale.plazos": true, "not (vale.n in vale.plazos)": true,
		"vale.dia > today()": true, "vale.dia - days(13) == today()": true, "vale.dia + days(1) <= today()": false,
		"vale.alta <= vale.alta": true, `vale.estado == "OK" and vale.n == 3`: true, "vale.n + 1 >= 4": true,
	} {
		p, problem := s.condition(text)
		if problem != nil {
			t.Errorf("%s: %v", text, problem)
			continue
		}
		if got, err := p.holds(values); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"vale.monto / 2 > 1", "vale.monto > 1.5", "vale.dia > 3", "vale.dia + 1 > today()", "vale.n", "vale.otro == 1", "len(vale.plazos) > 0",
		"all(vale.plazos, # > 1)", "1..9 == 1..9", "vale.dia == vale.alta", "vale.monto % 2 == 0", "days(1) + days(2) == days(3)", ""} {
		if _, problem := s.condition(text); problem == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}
