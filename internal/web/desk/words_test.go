package desk

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/casework"
	"valebot/internal/fault"
	"valebot/internal/loan"
	"valebot/internal/message"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Minute:                 "menos de 1 min", // clocks of two machines
		0:                            "menos de 1 min",
		59 * time.Second:             "menos de 1 min",
		time.Minute:                  "1 min",
		59*time.Minute + 59:          "59 min",
		time.Hour:                    "1 h 0 min",
		3*time.Hour + 12*time.Minute: "3 h 12 min",
		24 * time.Hour:               "1 día",
		47 * time.Hour:               "1 día",
		72 * time.Hour:               "3 días",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestDayName(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, time.UTC)
	for want, at := range map[string]time.Time{
		"Hoy":    now,
		"Ayer":   now.Add(-time.Hour),
		"27-feb": now.Add(-25 * time.Hour),
	} {
		if got := dayName(at, now); got != want {
			t.Errorf("dayName(%v) = %q, want %q", at, got, want)
		}
	}
}

func TestHeardAs(t *testing.T) {
	t.Parallel()
	for heard, want := range map[string]string{
		"": "no se entendió", "yes": "entendido: sí", "no": "entendido: no", "birthdate": "entendido: fecha de nacimiento",
		"interrupt:SALDO": "pidió SALDO", "intent:new_vale": "quería: new vale", "desk": "", "unknown": "",
		"something_new": "entendido: something new", "option:retiro": "entendido: una opción",
	} {
		if got := heardAs(casework.Entry{Heard: heard}); got != want {
			t.Errorf("heardAs(%q) = %q, want %q", heard, got, want)
		}
	}
	if got := heardAs(casework.Entry{Pending: true}); got != "por leer" {
		t.Errorf("a pending message is %q", got)
	}
}

func TestTicks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		e    casework.Entry
		want string
	}{
		{casework.Entry{State: "queued"}, "◷ en cola"},
		{casework.Entry{State: "sending"}, "◷ saliendo"},
		{casework.Entry{State: "unknown"}, "? sin confirmar"},
		{casework.Entry{State: "accepted", Rank: message.RankAccepted}, "✓ enviado"},
		{casework.Entry{State: "accepted", Rank: message.RankDelivered}, "✓✓ entregado"},
		{casework.Entry{State: "accepted", Rank: message.RankRead}, "✓✓ leído"},
		{casework.Entry{State: "cancelled", Reason: "tomada por una persona"}, "✗ cancelado: tomada por una persona"},
		{casework.Entry{State: "suggested"}, "✎ sugerido, no se mandó"},
		{casework.Entry{State: "failed", Reason: "el número no existe"}, "✗ no salió: el número no existe"},
		{casework.Entry{State: "expired", Reason: "tarde"}, "✗ no salió: tarde"},
	}
	for _, tt := range tests {
		if got := ticks(tt.e); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.e.State, got, tt.want)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	tests := []struct {
		e    casework.Entry
		want string
	}{
		{casework.Entry{}, "Sin mensajes todavía"},
		{casework.Entry{Kind: casework.In, Text: "hola\n  Ana"}, "hola Ana"},
		{casework.Entry{Kind: casework.In, Secret: true, Text: "4821"}, "••••"},
		{casework.Entry{Kind: casework.In, What: message.Photo}, "Mandó una foto"},
		{casework.Entry{Kind: casework.In, What: message.Text}, "Mensaje vacío"},
	}
	for _, tt := range tests {
		if got := preview(tt.e); got != tt.want {
			t.Errorf("preview(%+v) = %q, want %q", tt.e, got, tt.want)
		}
	}
}

func TestMaskedShowsFourDigits(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"tel:+526671234567": "••• ••• 4567",
		"tel:+525512345678": "•• •••• 5678",
		"tel:+13105551234":  "+•••••••1234",
	} {
		got := masked(casework.Case{Key: key})
		if key == "tel:+13105551234" {
			if len([]rune(got)) != 12 || got[len(got)-4:] != "1234" {
				t.Errorf("masked(%s) = %q", key, got)
			}
			continue
		}
		if got != want {
			t.Errorf("masked(%s) = %q, want %q", key, got, want)
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	got := bar(casework.Credit{N: 4, Left: 2, Overdue: 1})
	if diff := cmp.Diff([]string{"paid", "paid", "late", "due"}, got); diff != "" {
		t.Errorf("late (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"paid", "due"}, bar(casework.Credit{N: 2, Left: 1})); diff != "" {
		t.Errorf("on time (-want +got):\n%s", diff)
	}
	if got := bar(casework.Credit{}); len(got) != 0 {
		t.Errorf("no instalments: %v", got)
	}
}

func TestStatesHaveWords(t *testing.T) {
	t.Parallel()
	for state, want := range map[loan.LoanState]string{
		loan.LoanPendingDisbursement: "por entregar", loan.LoanActive: "al corriente", loan.LoanSettled: "liquidado", loan.LoanWrittenOff: "castigado",
		loan.LoanCancelled: "cerrado",
	} {
		if got := loanState(casework.Credit{State: state}); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
	if got := loanState(casework.Credit{State: loan.LoanActive, Overdue: 1}); got != "atrasado" {
		t.Errorf("in arrears: %q", got)
	}
	for state, want := range map[loan.DisbursementState]string{
		loan.DisbursementSettled: "dinero entregado", loan.DisbursementSending: "entrega en proceso", loan.DisbursementReturned: "el dinero regresó",
	} {
		if got := payoutState(string(state)); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

func TestStatusOf(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 422, fault.NotFound: 404, fault.Conflict: 409, fault.Denied: 403, fault.Limited: 429, fault.Unavailable: 503,
	} {
		if got := statusOf(kind); got != want {
			t.Errorf("%v: %d, want %d", kind, got, want)
		}
	}
}

func TestPagesParse(t *testing.T) {
	t.Parallel()
	pages, err := parsePages()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"login", "board", "thread", "error"} {
		if pages[name].Lookup("frame") == nil || pages[name].Lookup("body") == nil {
			t.Errorf("page %s is not whole", name)
		}
	}
}
