package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"valebot/internal/flow"
	"valebot/internal/gsm7"
	"valebot/internal/loan"
	"valebot/internal/locale"
	"valebot/internal/understand/evaluate"
)

// The identifiers are published ones: the samples of CLABE validators, the tax
// authority's generic RFC and its test certificate, the registry's sample CURP.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, value, want string
		exit              int
	}{
		{"clabe", "032180000118359719", "032180000118359719  IXE\n", 0},
		{"clabe", "032180000118359710", "", 3},
		{"clabe", "12", "", 3},
		{"curp", "boxw310820hnerxn09", "BOXW310820HNERXN09\n", 0},
		{"curp", "BOXW310820HNERXN08", "", 3},
		{"rfc", "XAXX010101000", "XAXX010101000\n", 0},
		{"rfc", "EKU9003173C9", "EKU9003173C9\n", 0},
		{"rfc", "EKU9003173", "", 3},
		{"phone", "044 667 123 4567", "+526671234567\n", 0},
		{"phone", "12", "", 3},
	} {
		r := valebot("check", c.kind, c.value).must(t, c.exit)
		if c.exit == 0 && r.out != c.want {
			t.Errorf("check %s %s prints %q, want %q", c.kind, c.value, r.out, c.want)
		}
		if c.exit != 0 && (r.out == "" || r.err != "") {
			t.Errorf("check %s %s prints %q and %q", c.kind, c.value, r.out, r.err)
		}
		got := decoded[checked](t, valebot("check", c.kind, c.value, "--json").must(t, c.exit).out)
		if got.Kind != c.kind || got.Valid != (c.exit == 0) || (got.Code == "") == (c.exit != 0) || got.Valid == (got.Error != "") {
			t.Errorf("check %s %s: %+v", c.kind, c.value, got)
		}
	}
}

// Segment sizes of 3GPP TS 23.040, as providers' calculators show them.
func TestSMS(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, want string
	}{
		{strings.Repeat("a", 160), "GSM-7 · 160/160 · 1 SMS"},
		{strings.Repeat("a", 161), "GSM-7 · 161/153 · 2 SMS"},
		{strings.Repeat("€", 80), "GSM-7 · 160/160 · 1 SMS"},
		{strings.Repeat("ñé", 80), "GSM-7 · 160/160 · 1 SMS"},
		{strings.Repeat("ó", 70), "UCS-2 · 70/70 · 1 SMS"},
		{strings.Repeat("ó", 71), "UCS-2 · 71/67 · 2 SMS"},
		{strings.Repeat("😀", 35), "UCS-2 · 70/70 · 1 SMS"},
		{"", "GSM-7 · 0/160 · 1 SMS"},
	} {
		first, _, _ := strings.Cut(typed(c.text+"\n", "sms").must(t, exitDone).out, "\n")
		if first != c.want {
			t.Errorf("%d characters: %q, want %q", len([]rune(c.text)), first, c.want)
		}
	}
}

func TestSMSSaysHowToMendIt(t *testing.T) {
	t.Parallel()
	golden(t, "sms", valebot("sms", "Tu código de retiro es 482913, está aquí").must(t, exitDone).out+
		valebot("sms", "Pagué 😀").must(t, exitDone).out+valebot("sms", "Tu clave de retiro es 482913").must(t, exitDone).out+
		valebot("sms", "“Paga”\u00a0[hoy] — 5 €…").must(t, exitDone).out)
	want := counted{
		Encoding: gsm7.UCS2, Units: 7, PerSegment: 70, Segments: 1, Offending: []offending{{"ó", 2, "U+00F3", "letra que los SMS no tienen", "o"}},
		Plain: &plain{"codigo!", 1}, Instead: []locale.Rewording{{Word: "código", Say: []string{"clave"}}},
	}
	if diff := cmp.Diff(want, decoded[counted](t, valebot("sms", "código!", "--json").must(t, exitDone).out)); diff != "" {
		t.Error(diff)
	}
	if r := valebot("sms", "hola", "--json").must(t, exitDone); !strings.Contains(r.out, `"offending": []`) {
		t.Errorf("no offending characters are %s", r.out)
	}
}

// Every character that costs is named with its place and what to write for it,
// and what is written instead costs one septet a character.
func TestSMSNamesWhatCosts(t *testing.T) {
	t.Parallel()
	const typographic, letter = "comilla tipográfica", "letra que los SMS no tienen"
	for text, want := range map[string][]offending{
		"“":        {{"“", 1, "U+201C", typographic, `"`}},
		"it’s":     {{"’", 3, "U+2019", typographic, "'"}},
		"á":        {{"á", 1, "U+00E1", letter, "a"}},
		"ok 😀":     {{"😀", 4, "U+1F600", "emoji o dibujo", ""}},
		"a\u00a0b": {{"\u00a0", 2, "U+00A0", "espacio especial", " "}},
		"a\u200bb": {{"\u200b", 2, "U+200B", "marca invisible", ""}},
		"—":        {{"—", 1, "U+2014", "guion o raya", "-"}},
		"…":        {{"…", 1, "U+2026", "signo", "..."}},
		"Ж":        {{"Ж", 1, "U+0416", "letra de otro alfabeto", ""}},
		"e\u0301":  {{"\u0301", 2, "U+0301", "acento suelto", ""}},
	} {
		got := count(text)
		if diff := cmp.Diff(want, got.Offending); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
		if m := gsm7.Count(got.Plain.Text); m.Encoding != gsm7.GSM7 || m.Segments != got.Plain.Segments {
			t.Errorf("%q is reworded to %q, %+v", text, got.Plain.Text, m)
		}
	}
	if got := count("e\u0301").Plain.Text; got != "é" {
		t.Errorf("a loose accent became %q", got)
	}
}

// The extension table of 3GPP TS 23.038: two septets each, and one instead, but
// for the euro.
func TestSMSNamesWhatCostsTwo(t *testing.T) {
	t.Parallel()
	got := count("\f^{}\\[~]|€")
	var write []string
	for i, o := range got.Doubles {
		if write = append(write, o.Write); o.Position != i+1 {
			t.Errorf("%q is at %d, want %d", o.Character, o.Position, i+1)
		}
	}
	if diff := cmp.Diff([]string{"\n", "'", "(", ")", "/", "(", "-", ")", "/", "€"}, write); diff != "" {
		t.Error(diff)
	}
	if long := count(strings.Repeat("[a]", 40)); long.Segments != 2 || long.Plain.Segments != 1 {
		t.Errorf("before %d, after %d segments, want 2 and 1", long.Segments, long.Plain.Segments)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	golden(t, "quote", valebot("quote", "3000", "8", "--date", "2026-03-02").must(t, exitDone).out)
	golden(t, "quote_json", valebot("quote", "$3,000.00", "8", "--date", "2026-03-02", "--json").must(t, exitDone).out)
	for _, product := range []string{"nomina 12", "semanal 8", "puente 1", "mercancia 8"} {
		name, terms, _ := strings.Cut(product, " ")
		golden(t, "quote_"+name, valebot("quote", "5000", terms, "--product", name, "--date", "2026-03-02").must(t, exitDone).out)
	}
	if r := valebot("quote", "3000", "8").must(t, exitDone); !strings.Contains(r.out, "$3,900") {
		t.Errorf("today's quote is\n%s", r.out)
	}
}

// The rows must sum to the total whatever the amount.
func TestQuoteSums(t *testing.T) {
	t.Parallel()
	for _, amount := range []string{"500", "700", "1100", "1300", "2900", "3000"} {
		for _, terms := range []string{"4", "6", "8", "12"} {
			q := decoded[loan.Quote](t, valebot("quote", amount, terms, "--date", "2026-03-02", "--json").must(t, exitDone).out)
			total, capital := q.Terms.Total, q.Terms.Principal
			for _, r := range q.Rows {
				total, capital = total-r.Total(), capital-r.Capital
			}
			if total != 0 || capital != 0 {
				t.Errorf("%s in %s: %s and %s of capital are left over", amount, terms, total, capital)
			}
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	t.Parallel()
	file := write(t, t.TempDir(), "p.yaml", "product: vale\nnada: 1\n")
	for _, c := range []struct {
		line, want string
		exit       int
	}{
		{"3000 7", "Ese plazo no se ofrece. Se ofrece a 4 6 8 12 quincenas.", 2},
		{"8000 5 --product semanal", "Se ofrece a 8 12 16 semanas.", 2},
		{"8000 5 --product nada", "No existe el producto «nada». Hay: mercancia, nomina, puente, semanal, vale.", 2},
		{"3000 8 --date 2025-01-01", "El producto empieza el 01-ene.", 2},
		{"abc 8", "«abc» no es un monto en pesos", 2},
		{"3000.005 8", "no es un monto en pesos", 2},
		{"3000 8 --date ayer", "la fecha «ayer» no es AAAA-MM-DD", 2},
		{"3000 8 --date 2026-02-30", "la fecha «2026-02-30» no es AAAA-MM-DD", 2},
		{"99999999 8", "valebot: ", 2},
		{"3000 8 --product nada.yaml", "no encuentro nada.yaml", 1},
		{"3000 8 --product " + file, "valebot: ", 3},
	} {
		r := valebot(append([]string{"quote"}, strings.Fields(c.line)...)...).must(t, c.exit)
		says(t, r.err, c.want)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	codes := decoded[[]string](t, valebot("explain", "--json").must(t, exitDone).out)
	if diff := cmp.Diff(append(flow.Codes(), fileCodes()...), codes); diff != "" {
		t.Error(diff)
	}
	for _, code := range codes {
		got := decoded[explained](t, valebot("explain", code, "--json").must(t, exitDone).out)
		if got.Code != code || got.Text == "" {
			t.Errorf("%s: %+v", code, got)
		}
	}
	says(t, valebot("explain", "product-late").must(t, exitDone).out, "flows/products/")
	says(t, valebot("explain", "sms-lenght").must(t, exitUsage).err, "¿quisiste decir «sms-length»?")
	says(t, valebot("explain", "sms-length").must(t, exitDone).out, "160")
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	in := `{"text":"simón, jalo"}` + "\n\n" + `{"text":"no gracias"}` + "\n"
	golden(t, "understand", typed(in, "understand", "yes_no").must(t, exitDone).out+
		typed(`{"text":"el viernes"}`, "understand", "date", "--now", "2026-03-02").must(t, exitDone).out+
		typed(`{"text":"la dos"}`, "understand", "label", "option", "--options", "3").must(t, exitDone).out)
	for line, want := range map[string]string{
		"understand yesno":               "no hay lectura «yesno»; ¿quisiste decir «yes_no»?",
		"understand date --now ayer":     "«ayer» no es un momento",
		"understand eval nada":           "no hay lectura «nada»",
		"understand eval date --now hoy": "«hoy» no es un momento",
	} {
		says(t, valebot(strings.Fields(line)...).must(t, exitUsage).err, want)
	}
	says(t, typed(`{"text":"ajúa"}`, "understand", "yes_no", "--estado", "nl").must(t, exitDone).out, `"label":"yes","plain":true`)
	says(t, typed(`{"text":"ajúa"}`, "understand", "yes_no").must(t, exitDone).out, `"label":"other"`)
	says(t, typed("hola\n", "understand", "yes_no").must(t, exitFindings).err, "no es un objeto JSON por línea", "line 1:")
	says(t, typed("[1]\n", "understand", "eval", "yes_no").must(t, exitFindings).err, "no es un objeto JSON por línea", "line 1:")
	says(t, valebot("understand", "yes_no", "nada.jsonl").must(t, exitFailed).err, "no encuentro nada.jsonl")
}

func TestUnderstandEval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := write(t, dir, "a.jsonl", `{"text":"sí","label":"yes"}`+"\n"+`{"text":"no","label":"yes"}`)
	second := write(t, dir, "b.jsonl", `{"text":"sí","label":"other"}`+"\n")
	golden(t, "eval", valebot("understand", "eval", "yes_no", first, second).must(t, exitDone).out)
	type result struct {
		Kind      string   `json:"kind"`
		Lines     int      `json:"lines"`
		Right     int      `json:"right"`
		Bad       int      `json:"bad"`
		Accuracy  float64  `json:"accuracy"`
		MacroF1   float64  `json:"macro_f1"`
		FalseYes  []string `json:"false_yes"`
		Labels    []any    `json:"labels"`
		Confusion []any    `json:"confusion"`
		Misses    []any    `json:"misses"`
	}
	got := decoded[result](t, valebot("understand", "eval", "yes_no", first, second, "--json").must(t, exitDone).out)
	if got.Lines != 3 || got.Right != 1 || len(got.FalseYes) != 1 || len(got.Confusion) != 2 || len(got.Labels) != 3 {
		t.Errorf("%+v", got)
	}
	for _, kind := range evaluate.Kinds() {
		typed("", "understand", "eval", kind).must(t, exitDone)
	}
}
