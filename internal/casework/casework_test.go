package casework

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"valebot/internal/fault"
	"valebot/internal/gsm7"
	"valebot/internal/loan"
	"valebot/internal/message"
	"valebot/internal/quincena"
)

func at(minute int) time.Time {
	return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).Add(time.Duration(minute) * time.Minute)
}

func id(n byte) uuid.UUID { return uuid.UUID{15: n} }

func TestWaiting(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		c    Case
		want Wait
	}{
		{"in the queue", Case{Owner: Queue, QueuedAt: at(1), Unanswered: at(5)}, Wait{at(1), true}},
		{"in the queue again after an answer", Case{Owner: Queue, QueuedAt: at(9), Answered: at(3)}, Wait{at(9), true}},
		{"claimed, not answered", Case{Owner: Agent, QueuedAt: at(1), Unanswered: at(0)}, Wait{at(1), true}},
		{"claimed, an answer from last time", Case{Owner: Agent, QueuedAt: at(10), Answered: at(3)}, Wait{at(10), true}},
		{"answered", Case{Owner: Agent, QueuedAt: at(1), Answered: at(3)}, Wait{at(3), false}},
		{"she wrote again", Case{Owner: Agent, QueuedAt: at(1), Answered: at(3), Unanswered: at(4)}, Wait{at(4), true}},
		{"taken from the bot", Case{Owner: Agent, Unanswered: at(4)}, Wait{at(4), true}},
	}
	for _, tt := range tests {
		if got := tt.c.Waiting(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	now := at(0)
	sms := message.Address{Channel: message.SMS, Value: "+526671234567"}
	tests := []struct {
		name string
		c    Case
		want message.Address
		code string
	}{
		{"sms", Case{Key: "tel:+526671234567", Channel: message.SMS, Address: "+526671234567"}, sms, ""},
		{"never wrote", Case{Key: "tel:+526671234567", Channel: message.SMS}, sms, ""},
		{"whatsapp, open", Case{Key: "tel:+526671234567", Channel: message.WhatsApp, Address: "+5216671234567", LastWhatsApp: now.Add(-23 * time.Hour)},
			message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}, ""},
		{"whatsapp, closing", Case{Key: "tel:+526671234567", Channel: message.WhatsApp, Address: "+5216671234567", LastWhatsApp: now.Add(-window)}, sms, ""},
		{"whatsapp, no phone, open", Case{Key: "whatsapp:MX.9", Channel: message.WhatsApp, Address: "MX.9", LastWhatsApp: now},
			message.Address{Channel: message.WhatsApp, Value: "MX.9"}, ""},
		{"whatsapp, no phone, closed", Case{Key: "whatsapp:MX.9", Channel: message.WhatsApp, Address: "MX.9"}, message.Address{}, "window_closed"},
	}
	for _, tt := range tests {
		got, err := tt.c.Route(now)
		if got != tt.want || (err != nil) != (tt.code != "") || err != nil && fault.CodeOf(err) != tt.code {
			t.Errorf("%s: %v %v, want %v %s", tt.name, got, err, tt.want, tt.code)
		}
	}
}

func TestWindowLeft(t *testing.T) {
	t.Parallel()
	if got := (Case{LastWhatsApp: at(0)}).WindowLeft(at(60)); got != 22*time.Hour+55*time.Minute {
		t.Errorf("WindowLeft after an hour = %v", got)
	}
	if got := (Case{LastWhatsApp: at(0)}).WindowLeft(at(24 * 60)); got != 0 {
		t.Errorf("WindowLeft after a day = %v", got)
	}
	if got := (Case{}).WindowLeft(at(0)); got != 0 {
		t.Errorf("WindowLeft of who never wrote = %v", got)
	}
}

func TestMasked(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Case{
		"+52••••••4567":     {Key: "tel:+526671234567"},
		"whatsapp:••••3456": {Key: "whatsapp:MX.123456", Channel: message.WhatsApp, Address: "MX.123456"},
	} {
		if got := c.Masked(); got != want {
			t.Errorf("Masked = %q, want %q", got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, raw, want, code string }{
		{"plain", "Hola", "Hola", ""},
		{"blanks around", " \n Hola\r\nAna \t", "Hola\nAna", ""},
		{"NUL and broken bytes", "Ho\x00la\xff", "Hola", ""},
		{"as long as allowed", strings.Repeat("ñ", 20), strings.Repeat("ñ", 20), ""},
		{"one too many", strings.Repeat("ñ", 21), "", "long_text"},
		{"empty", "", "", "empty_text"},
		{"blank", " \r\n\t\u00a0", "", "empty_text"},
		{"only NUL", "\x00", "", "empty_text"},
	}
	for _, tt := range tests {
		got, err := Text(tt.raw, 20)
		if got != tt.want || (err == nil) != (tt.code == "") || err != nil && fault.CodeOf(err) != tt.code {
			t.Errorf("%s: %q %v, want %q %s", tt.name, got, err, tt.want, tt.code)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(" hola ")
	f.Add("\x00\xff")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Text(raw, MaxText)
		if err != nil {
			return
		}
		if again, err := Text(got, MaxText); again != got || err != nil {
			t.Errorf("Text(Text(%q)) = %q, %v", raw, again, err)
		}
		if strings.ContainsRune(got, 0) {
			t.Errorf("Text(%q) keeps NUL", raw)
		}
	})
}

func TestBody(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		channel  message.Channel
		want     string
		segments int
	}{
		{"Hola — “Ana”", message.SMS, `Hola - "Ana"`, 1},
		{"Hola — “Ana”", message.WhatsApp, "Hola — “Ana”", 1},
		{strings.Repeat("a", 161), message.SMS, strings.Repeat("a", 161), 2},
		{"uno\ndos", message.SMS, "uno\ndos", 1},
	}
	for _, tt := range tests {
		body, segments := Body(tt.text, tt.channel)
		if body != tt.want || segments != tt.segments {
			t.Errorf("Body(%q, %s) = %q, %d; want %q, %d", tt.text, tt.channel, body, segments, tt.want, tt.segments)
		}
	}
}

func TestBodyCostsWhatItSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body, segments := Body(rapid.String().Draw(t, "text"), message.SMS)
		if got := gsm7.Count(body).Segments; got != segments {
			t.Errorf("%q costs %d, said %d", body, got, segments)
		}
	})
}

func TestOutcomeValid(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[Outcome]bool{Resolved: true, Returned: true, "": false, "RESOLVED": false, "other": false} {
		if outcome.Valid() != want {
			t.Errorf("%q.Valid() = %v", outcome, !want)
		}
	}
}

func TestSortAndLocate(t *testing.T) {
	t.Parallel()
	d := id(50)
	thread := []Entry{
		{ID: id(3), At: at(2), Kind: Out, Dialogue: d},
		{ID: id(2), At: at(1), Kind: In},
		{ID: id(1), At: at(0), Kind: Out, Dialogue: d},
		{ID: id(5), At: at(2), Kind: Out},
		{ID: id(4), At: at(2), Kind: Note},
	}
	Sort(thread)
	Locate(thread, []Step{
		{Dialogue: d, At: at(0), Flow: "alta", To: "oferta"},
		{Dialogue: id(51), At: at(1), Flow: "otro", To: "no"},
		{Dialogue: d, At: at(2), Flow: "alta", To: "forma_pago"},
		{Dialogue: d, At: at(3), Flow: "alta", To: "tarde"},
	})
	var got []string
	for _, e := range thread {
		got = append(got, string(rune('0'+e.ID[15]))+" "+e.Step)
	}
	if diff := cmp.Diff([]string{"1 alta · oferta", "2 ", "3 alta · forma_pago", "4 ", "5 "}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnsent(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{
		"queued": false, "sending": false, "unknown": false, "accepted": false,
		"failed": true, "cancelled": true, "expired": true, "suppressed": true, "suggested": true,
	} {
		if got := (Entry{Kind: Out, State: state}).Unsent(); got != want {
			t.Errorf("%s: Unsent = %v", state, got)
		}
		if (Entry{Kind: In, State: state}).Unsent() {
			t.Errorf("%s: a message from the person is unsent", state)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	d, other := id(1), id(2)
	steps := []Step{
		{Dialogue: d, At: at(0), Flow: "alta", Event: "started", To: "oferta", Path: []string{"oferta"}},
		{Dialogue: other, At: at(1), Flow: "otro", Event: "started", To: "x", Path: []string{"x"}},
		{Dialogue: d, At: at(2), Flow: "alta", Event: "replied", Heard: "yes", From: "oferta", To: "forma_pago", Path: []string{"oferta", "identidad", "forma_pago"}},
		{Dialogue: d, At: at(3), Flow: "alta", Event: "replied", From: "forma_pago", To: "forma_pago", Path: []string{"forma_pago"}},
		{Dialogue: d, At: at(4), Flow: "alta", Event: "replied", From: "forma_pago", To: "agente", Path: []string{"forma_pago", "agente"},
			Effects: []string{"say comun.ayuda", "handoff altas"}},
		{Dialogue: other, At: at(5), Flow: "otro", Event: "replied", From: "x", To: "x"},
	}
	thread := []Entry{
		{At: at(1), Kind: In, Text: "cero"}, {At: at(2), Kind: In, Text: "sí"}, {At: at(2), Kind: Out, Text: "¿Cómo?"},
		{At: at(3), Kind: In, Text: "pues así"}, {At: at(4), Kind: In, Text: "no sé"}, {At: at(6), Kind: In, Text: "¿hola?"},
	}
	want := Why{
		Flow:  "alta",
		Chips: []Chip{{"oferta", 0}, {"identidad", 0}, {"forma_pago", 2}, {"agente", 0}},
		Texts: []Entry{thread[1], thread[3], thread[4]},
	}
	if diff := cmp.Diff(want, Explain(steps, thread)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(want.Chips[2].Marks()); n != 2 {
		t.Errorf("%d marks, want 2", n)
	}
}

func TestExplainWithoutAFlow(t *testing.T) {
	t.Parallel()
	thread := []Entry{{At: at(1), Kind: In, Text: "hola"}}
	if diff := cmp.Diff(Why{Texts: thread}, Explain(nil, thread)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Why{}, Explain(nil, nil)); diff != "" {
		t.Errorf("nothing (-want +got):\n%s", diff)
	}
}

func TestExplainShowsTheEndOfALongWay(t *testing.T) {
	t.Parallel()
	var steps []Step
	for i := range 10 {
		step := string(rune('a' + i))
		steps = append(steps, Step{At: at(i), Flow: "f", Event: "outcome:ok", From: step, To: step, Path: []string{step}})
	}
	steps[9].Effects = []string{"handoff general"}
	why := Explain(steps, nil)
	if len(why.Chips) != maxChips || why.Chips[maxChips-1].Step != "j" {
		t.Errorf("chips are %+v", why.Chips)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	panel := Panel{Loans: []Credit{{
		Folio: "V-00017", State: loan.LoanActive,
		Payments: []Paid{{At: at(0), Amount: 487_50, Good: true}, {At: at(1), Amount: 100_00}},
		Promise:  &Promised{Made: at(2), On: quincena.Date{Year: 2026, Month: 3, Day: 15}, Amount: 487_50},
	}, {Folio: "V-00018"}}}
	var got []string
	for _, e := range panel.Facts() {
		if e.Kind != Fact {
			t.Errorf("%+v is no fact", e)
		}
		got = append(got, e.Text)
	}
	want := []string{"Pago de $487.50 recibido, vale V-00017", "Pago de $100 sin aplicar, vale V-00017", "Prometió pagar $487.50 el 15-mar"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
