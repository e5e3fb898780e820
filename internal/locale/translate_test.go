package locale_test

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"valebot/internal/gsm7"
	"valebot/internal/locale"
	"valebot/internal/message"
	"valebot/internal/money"
	"valebot/internal/quincena"
	"valebot/internal/source"
	"valebot/locales"
)

// Every message has a translation of the text as it is now.
func TestTranslationsAreComplete(t *testing.T) {
	t.Parallel()
	catalog, problems := locale.Load(locales.FS)
	for _, p := range problems {
		if untranslated(p) {
			t.Error(p)
		}
	}
	if diff := cmp.Diff([]string{"es-MX", "en"}, catalog.Languages()); diff != "" {
		t.Error(diff)
	}
}

func bilingual(t testing.TB, spanish, english string) (*locale.Catalog, []source.Problem) {
	t.Helper()
	return locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte(spanish)}, "en/m.yaml": {Data: []byte(english)}})
}

const spanishText = `a:
  b: {sms: "Tu pago de {{.x.monto | pesos}} es el {{.x.dia | fecha}}.", wa: "Tu pago es el {{.x.hora | fechahora}}.", plantilla: p_v1}
  c: {sms: "Solo hay español.", wa: "Solo hay español."}
`

func TestRenderIn(t *testing.T) {
	t.Parallel()
	first, _ := load(t, spanishText)
	m, _ := first.Message("a.b")
	catalog, problems := bilingual(t, spanishText, "a:\n  b: {de: \""+m.Stamp()+"\", sms: \"Pay {{.x.monto | pesos}} on {{.x.dia | fecha}}.\", wa: \"Pay on {{.x.hora | fechahora}}.\", plantilla: p_en_v1}\n")
	if len(problems) != 1 || problems[0].Code != "missing-variant" {
		t.Fatal(problems)
	}
	data := map[string]any{"x": map[string]any{"monto": money.Pesos(300), "dia": quincena.Date{Year: 2026, Month: time.August, Day: 5}, "hora": time.Date(2026, time.January, 6, 2, 0, 0, 0, time.UTC)}}
	for _, c := range []struct {
		lang, key string
		channel   message.Channel
		want      string
	}{
		{"en", "a.b", message.SMS, "Pay $300 on 05-Aug."},
		{"en", "a.b", message.WhatsApp, "Pay on 06-Jan 02:00."},
		{"es-MX", "a.b", message.SMS, "Tu pago de $300 es el 05-ago."},
		{"", "a.b", message.WhatsApp, "Tu pago es el 06-ene 02:00."},
		{"fr", "a.b", message.SMS, "Tu pago de $300 es el 05-ago."},
		{"en", "a.c", message.SMS, "Solo hay español."},
	} {
		got, err := catalog.RenderIn(c.lang, c.key, c.channel, data, nil)
		if err != nil || got.Body != c.want {
			t.Errorf("%s %s on %s is %q, %v; want %q", c.lang, c.key, c.channel, got.Body, err, c.want)
		}
	}
	if got, _ := catalog.RenderIn("en", "a.b", message.WhatsApp, data, nil); got.Template != "p_en_v1" {
		t.Errorf("the template is %q", got.Template)
	}
	if _, err := catalog.RenderIn("en", "a.nada", message.SMS, data, nil); err == nil {
		t.Error("a message that does not exist was rendered")
	}
}

// Any change of a text makes its translations stale, and the old words stay.
func TestAChangedTextIsStale(t *testing.T) {
	t.Parallel()
	first, _ := load(t, spanishText)
	m, _ := first.Message("a.c")
	english := "a:\n  b: {sms: \"Pay.\", wa: \"Pay.\"}\n  c: {de: \"" + m.Stamp() + "\", sms: \"Hello.\", wa: \"Hello.\"}\n"
	rapid.Check(t, func(t *rapid.T) {
		more := rapid.StringMatching(`[a-z ]{0,9}`).Draw(t, "more")
		changed := fmt.Sprintf("a:\n  b: {sms: \"Tu pago.\", wa: \"Tu pago.\"}\n  c: {sms: \"Solo hay español.%s\", wa: \"Solo hay español.\"}\n", more)
		catalog, problems := locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte(changed)}, "en/m.yaml": {Data: []byte(english)}})
		stale := 0
		for _, p := range problems {
			if p.Code == "stale" {
				stale++
			}
		}
		if want := map[bool]int{true: 1, false: 2}[more == ""]; stale != want {
			t.Errorf("%d texts are stale, want %d: %v", stale, want, problems)
		}
		if got, err := catalog.RenderIn("en", "a.c", message.SMS, nil, nil); err != nil || got.Body != "Hello." {
			t.Errorf("%q, %v", got.Body, err)
		}
	})
}

func TestPlural(t *testing.T) {
	t.Parallel()
	catalog := one(t, "Te {{.x.n | plural `queda # pago` `quedan # pagos`}}.", "Te {{.x.n | plural `queda # pago` `quedan # pagos`}}.")
	for n, want := range map[int]string{0: "Te quedan 0 pagos.", 1: "Te queda 1 pago.", 2: "Te quedan 2 pagos.", 21: "Te quedan 21 pagos."} {
		got, err := catalog.Render("a.b", message.SMS, map[string]any{"x": map[string]any{"n": n}}, nil)
		if err != nil || got.Body != want {
			t.Errorf("%d: %q, %v", n, got.Body, err)
		}
	}
	if _, err := catalog.Render("a.b", message.SMS, map[string]any{"x": map[string]any{"n": "1"}}, nil); err == nil {
		t.Error("a text was counted")
	}
	for _, bad := range []string{"{{.x.n | plural}}", "{{.x.n | plural `a`}}", "{{.x.n | plural `a` .x.m}}", "{{.x.n | pesos `a` `b`}}"} {
		if _, problems := load(t, "a:\n  b: {sms: \""+bad+"\", wa: x}\n"); source.Errors(problems) == 0 {
			t.Errorf("%s was taken", bad)
		}
	}
}

// No number makes an SMS longer than the linter counted.
func TestPluralIsNeverWiderThanCounted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		single, many := rapid.StringMatching(`[a-z# ]{1,20}`).Draw(t, "one"), rapid.StringMatching(`[a-z# ]{1,20}`).Draw(t, "many")
		text := "{{.x.n | plural `" + single + "` `" + many + "`}}"
		catalog, problems := locale.Load(fstest.MapFS{"es-MX/m.yaml": {Data: []byte("a:\n  b: {sms: \"" + text + "\", wa: x}\n")}})
		if source.Errors(problems) > 0 {
			t.Fatal(problems)
		}
		m, _ := catalog.Message("a.b")
		widest := gsm7.Count(m.SMS.Widest()).Units
		n := rapid.IntRange(0, 24).Draw(t, "n")
		got, err := catalog.Render("a.b", message.SMS, map[string]any{"x": map[string]any{"n": n}}, nil)
		if err != nil || gsm7.Count(got.Body).Units > widest {
			t.Errorf("%q has more than %d: %v", got.Body, widest, err)
		}
	})
}

// A text may change what it shows at any time: its old translation is then left
// aside, and nothing stops.
func TestAStaleTranslationNeverBreaks(t *testing.T) {
	t.Parallel()
	catalog, problems := bilingual(t, "a:\n  b: {sms: \"Hola.\", wa: \"Hola.\"}\n", "a:\n  b: {de: \"00000000\", sms: \"Hi {{.x.nombre | nombre}}.\", wa: \"Hi.\"}\n")
	if source.Errors(problems) > 0 || len(problems) != 1 || problems[0].Code != "stale" {
		t.Error(problems)
	}
	if got, err := catalog.RenderIn("en", "a.b", message.SMS, nil, nil); err != nil || got.Body != "Hola." {
		t.Errorf("%q, %v", got.Body, err)
	}
}

// What people may type in place of tapping is known in every language in which
// the buttons can be shown to them, and in no other.
func TestLabelsOfTranslations(t *testing.T) {
	t.Parallel()
	spanish := "a:\n  b: {sms: \"Uno o dos\", wa: \"¿Cuál?\", botones: {uno: \"El uno\", dos: \"El dos\"}}\n"
	first, _ := load(t, spanish)
	m, _ := first.Message("a.b")
	for name, c := range map[string]struct {
		english string
		want    []message.Choice
	}{
		"translated": {"a:\n  b: {de: \"" + m.Stamp() + "\", sms: \"One or two\", wa: \"Which?\", botones: {uno: \"One\", dos: \"Two\"}}\n", []message.Choice{{ID: "uno", Label: "One"}, {ID: "dos", Label: "Two"}}},
		"missing":    {"a:\n  c: {sms: \"One\", wa: \"One\"}\n", nil},
		"dropped":    {"a:\n  b: {de: \"00000000\", sms: \"One or two\", wa: \"Which?\", botones: {uno: \"One\", tres: \"Three\"}}\n", nil},
	} {
		catalog, _ := bilingual(t, spanish, c.english)
		if diff := cmp.Diff(c.want, catalog.Labels("a.b")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
