package lending

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/money"
	"valebot/internal/quincena"
)

func TestEmitSurvivesJSON(t *testing.T) {
	t.Parallel()
	day := quincena.Date{Year: 2026, Month: 3, Day: 15}
	tests := map[string]Emit{
		"nothing but a name": {Name: "vale.offered"},
		"all types": {
			Key: "vale.authorized:1", PersonID: uuid.MustParse("0190f3a0-0000-7000-8000-000000000001"),
			Name: "vale.authorized", About: About{Kind: "vale", ID: "1"}, Token: "tok", Outcome: "ok",
			Data: map[string]any{
				"monto": money.Amount(3000_00), "cero": money.Amount(0), "vence": day, "sin_fecha": quincena.Date{},
				"ahora": time.Date(2026, 3, 2, 16, 30, 0, 123, time.UTC), "plazos": []int{4, 6, 8}, "ninguno": []int{},
				"quincenas": 8, "negativo": -1, "sí": true, "no": false, "texto": `con "comillas" y ñ`, "vacío": "",
				"vale": map[string]any{"folio": "V-00017", "monto": money.Amount(1)}, "nada": map[string]any{},
			},
		},
	}
	for name, e := range tests {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got Emit
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEmitRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	for _, value := range []any{nil, 1.5, int64(1), []string{"a"}, struct{}{}, map[string]any{"x": 1.5}} {
		if raw, err := json.Marshal(Emit{Data: map[string]any{"x": value}}); err == nil {
			t.Errorf("%T was written as %s", value, raw)
		}
	}
	for _, raw := range []string{`{"data":{"x":{}}}`, `{"data":{"x":{"amount":"1"}}}`, `{"data":{"x":{"fields":{"y":{}}}}}`, `[]`, `{"person_id":"x"}`} {
		var e Emit
		if err := json.Unmarshal([]byte(raw), &e); err == nil {
			t.Errorf("%s was read as %+v", raw, e)
		}
	}
}

func TestEmitAmountsSurviveJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := Emit{Data: map[string]any{
			rapid.String().Draw(t, "name"): money.Amount(rapid.Int64().Draw(t, "amount")),
		}}
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var got Emit
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// Whatever is read is written and read the same again.
func FuzzEmitJSON(f *testing.F) {
	f.Add(`{"key":"k","name":"x","data":{"a":{"amount":1},"b":{"fields":{"c":{"date":"2026-03-15"}}}}}`)
	f.Add(`{"data":{"x":{}}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var first, second Emit
		if json.Unmarshal([]byte(raw), &first) != nil {
			return
		}
		again, err := json.Marshal(first)
		if err != nil {
			t.Fatalf("%+v was read and cannot be written: %v", first, err)
		}
		if err := json.Unmarshal(again, &second); err != nil {
			t.Fatalf("%s cannot be read again: %v", again, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("(-first +second):\n%s", diff)
		}
	})
}
