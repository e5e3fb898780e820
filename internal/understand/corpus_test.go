package understand_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"valebot/internal/understand"
)

// sample is one line of the corpus: what the reply means, and the reply.
type sample struct {
	label, text string
	line        int
}

// corpus reads "label | text" lines; # starts a comment.
func corpus(t testing.TB, name string) []sample {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "testdata", "understand", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		label, text, ok := strings.Cut(lines.Text(), " | ")
		if ok && !strings.HasPrefix(label, "#") {
			out = append(out, sample{label, text, n})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// monday is a Monday in the middle of a month, at noon in Mexico City.
func monday() understand.Context {
	zone := time.FixedZone("CST", -6*3600)
	return understand.Context{Now: time.Date(2026, 3, 9, 12, 0, 0, 0, zone), Zone: zone}
}

func answerLabel(y understand.YesNo) string {
	if y.Answer == understand.Yes && y.Plain {
		return "plain"
	}
	return map[understand.Answer]string{understand.Yes: "yes", understand.No: "no", understand.Unclear: "other"}[y.Answer]
}

func TestCorpusYesNo(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, s := range corpus(t, "si_no.txt") {
		y := u.Read(s.text, monday()).YesNo()
		if got := answerLabel(y); got != s.label {
			t.Errorf("si_no.txt:%d: %q is %s (%s), want %s", s.line, s.text, got, y.Why, s.label)
		}
	}
}

func TestCorpusIntents(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, s := range corpus(t, "intenciones.txt") {
		intents := u.Read(s.text, monday()).Intents()
		got := "ninguna"
		if len(intents) > 0 {
			got = intents[0].Name
		}
		if got != s.label {
			t.Errorf("intenciones.txt:%d: %q is %s, want %s (%v)", s.line, s.text, got, s.label, intents)
		}
	}
}

// payout are the options of the question how to be paid.
func payout() []understand.Option {
	return []understand.Option{
		{ID: "transferencia", Words: []string{"spei", "banco", "cuenta", "clabe", "deposito"}, Label: "Transferencia a tu cuenta"},
		{ID: "retiro", Words: []string{"cajero", "efectivo", "sin tarjeta"}, Label: "Retiro sin tarjeta"},
	}
}

// read gives the corpus notation of one value: "-" when there is none.
func read(kind string, r understand.Reading) string {
	switch kind {
	case "amount":
		if a, ok := r.Amount(); ok {
			return fmt.Sprintf("%d.%02d", a/100, a%100)
		}
	case "int":
		if n, ok := r.Int(); ok {
			return fmt.Sprint(n)
		}
	case "term":
		if term, ok := r.Term(); ok {
			return strings.TrimSpace(fmt.Sprintf("%d %s", term.Count, term.Unit))
		}
	case "date":
		if d, ok := r.Date(); ok {
			return d.String()
		}
	case "birth":
		if d, ok := r.BirthDate(); ok {
			return d.String()
		}
	default:
		return readText(kind, r)
	}
	return "-"
}

func readText(kind string, r understand.Reading) string {
	var text string
	var ok bool
	switch kind {
	case "phone":
		p, found := r.Phone()
		text, ok = string(p), found
	case "clabe":
		c, valid, found := r.CLABE()
		text, ok = string(c)+map[bool]string{true: " ok", false: " mal"}[valid], found
	case "pin":
		text, ok = r.PIN()
	case "option":
		text, ok = r.Option(payout())
	case "name":
		text, ok = r.Name()
	}
	if !ok {
		return "-"
	}
	return text
}

func TestCorpusValues(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, s := range corpus(t, "valores.txt") {
		text, want, _ := strings.Cut(s.text, " | ")
		if got := read(s.label, u.Read(text, monday())); got != want {
			t.Errorf("valores.txt:%d: %s of %q is %s, want %s", s.line, s.label, text, got, want)
		}
	}
}

func TestCorpusOptOutLookAlikes(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, s := range corpus(t, "parecidos_baja.txt") {
		r := u.Read(s.text, monday())
		if r.Has("opt_out") || r.OptOut() {
			t.Errorf("parecidos_baja.txt:%d: %q is an opt-out: %v", s.line, s.text, r.Intents())
		}
	}
}
