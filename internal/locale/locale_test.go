package locale_test

import (
	"strings"
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

func shipped(t testing.TB) *locale.Catalog {
	t.Helper()
	catalog, problems := locale.Load(locales.FS)
	for _, p := range problems {
		if !untranslated(p) {
			t.Error(p)
		}
	}
	return catalog
}

// untranslated reports a problem of translations alone; one test tells of those.
func untranslated(p source.Problem) bool {
	return p.Code == "stale" || p.Code == "missing-variant" && p.Severity == source.Warning
}

func TestShippedMessagesAreClean(t *testing.T) {
	t.Parallel()
	if n := len(shipped(t).Keys()); n < 80 {
		t.Errorf("only %d messages", n)
	}
}

// load reads one message file.
func load(t testing.TB, text string) (*locale.Catalog, []source.Problem) {
	t.Helper()
	return locale.Load(fstest.MapFS{"es-MX/m.yaml": &fstest.MapFile{Data: []byte(text)}})
}

func one(t testing.TB, sms, wa string) *locale.Catalog {
	t.Helper()
	catalog, problems := load(t, "a:\n  b:\n    sms: \""+sms+"\"\n    wa: \""+wa+"\"\n")
	if source.Errors(problems) > 0 {
		t.Fatal(problems)
	}
	return catalog
}

func TestFilters(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", -6*60*60)
	data := map[string]any{"x": map[string]any{
		"pesos": money.Amount(48750), "fecha": quincena.Date{Year: 2026, Month: time.March, Day: 5}, "hora": time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC),
		"nombre": "María Guadalupe Hernández Ñáñez", "banco": map[string]any{"nombre": "BBVA México"}, "clabe": "032180000118359719", "plazos": []int{4, 6, 8}, "n": 8, "texto": "98.4%",
	}}
	for _, c := range []struct{ template, sms, wa string }{
		{"{{.x.pesos | pesos}}", "$487.50", "$487.50"},
		{"{{.x.fecha | fecha}}", "05-mar", "05-mar"},
		{"{{.x.hora | fecha}} {{.x.hora | fechahora}}", "05-mar 05-mar 20:00", "05-mar 05-mar 20:00"},
		{"{{.x.nombre | nombre}}", "Maria", "María Guadalupe Hernández Ñáñez"},
		{"{{.x.banco | banco}}", "BBVA México", "BBVA México"},
		{"{{.x.clabe | ultimos4}}", "9719", "9719"},
		{"{{.x.plazos | lista}}", "4, 6, 8", "4, 6, 8"},
		{"{{.x.n}} {{.x.texto}}", "8 98.4%", "8 98.4%"},
		{"¿Qué tal?", "¿Qué tal?", "¿Qué tal?"},
	} {
		catalog := one(t, c.template, c.template)
		for channel, want := range map[message.Channel]string{message.SMS: c.sms, message.WhatsApp: c.wa} {
			got, err := catalog.Render("a.b", channel, data, zone)
			if err != nil || got.Body != want {
				t.Errorf("%s on %s is %q, %v; want %q", c.template, channel, got.Body, err, want)
			}
		}
	}
}

// A missing or wrong value is an error that names the message and not the value.
func TestRenderIsStrict(t *testing.T) {
	t.Parallel()
	values := map[string]any{"texto": "secreto", "vacio": "", "nada": nil, "monto": money.Pesos(3), "dia": quincena.Date{}, "momento": time.Time{}, "lista": []int{}}
	for _, template := range []string{
		"{{.x.falta}}", "{{.falta.monto | pesos}}", "{{.x.texto | pesos}}", "{{.x.texto | fecha}}", "{{.x.texto | fechahora}}", "{{.x.monto | nombre}}",
		"{{.x.vacio | nombre}}", "{{.x.vacio | ultimos4}}", "{{.x.dia | fecha}}", "{{.x.momento | fechahora}}", "{{.x.momento | fecha}}", "{{.x.lista | lista}}", "{{.x.monto | lista}}", "{{.x.monto | banco}}",
	} {
		catalog := one(t, template, template)
		for _, channel := range []message.Channel{message.SMS, message.WhatsApp} {
			got, err := catalog.Render("a.b", channel, map[string]any{"x": values}, nil)
			if err == nil {
				t.Errorf("%s was rendered as %q", template, got.Body)
				continue
			}
			if !strings.Contains(err.Error(), "a.b.") || strings.Contains(err.Error(), "secreto") {
				t.Errorf("%s fails with %v", template, err)
			}
		}
	}
	if _, err := shipped(t).Render("no.existe", message.SMS, nil, nil); err == nil {
		t.Error("a message that does not exist was rendered")
	}
}

func TestWhatsAppTemplateVariables(t *testing.T) {
	t.Parallel()
	data := map[string]any{
		"cliente": map[string]any{"nombre": "Ana"},
		"pago":    map[string]any{"monto": money.Amount(48750), "vence": quincena.Date{Year: 2026, Month: time.March, Day: 5}, "referencia": "90011234"},
	}
	got, err := shipped(t).Render("pago.aviso", message.WhatsApp, data, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	want := locale.Rendered{
		Body:     "Hola Ana. Tu pago de $487.50 es el 05-mar. Referencia 90011234.",
		Choices:  []message.Choice{{ID: "pagado", Label: "Ya pagué"}, {ID: "fecha", Label: "Pagar otro día"}, {ID: "ayuda", Label: "Necesito apoyo"}},
		Template: "pago_aviso_v1", Variables: map[string]string{"1": "Ana", "2": "$487.50", "3": "05-mar", "4": "90011234"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	sms, err := shipped(t).Render("pago.aviso", message.SMS, data, time.UTC)
	if err != nil || sms.Choices != nil || sms.Template != "" || sms.Variables != nil {
		t.Errorf("an SMS has no buttons and no template: %+v, %v", sms, err)
	}
}

func TestCodesAreSecret(t *testing.T) {
	t.Parallel()
	catalog := shipped(t)
	for _, key := range catalog.Keys() {
		m, _ := catalog.Message(key)
		if got, want := m.Secret(), key == "aceptacion.clave_retiro" || key == "clave.otra_vez"; got != want {
			t.Errorf("%s: secret is %v", key, got)
		}
	}
}

// Whatever a name holds, an SMS stays in one segment of the GSM alphabet.
func TestAnyNameFitsOneSegment(t *testing.T) {
	t.Parallel()
	catalog := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 60, 240).Filter(func(s string) bool { return strings.TrimSpace(gsm7.Fold(s)) != "" }).Draw(t, "name")
		data := map[string]any{
			"cliente": map[string]any{"nombre": name},
			"pago": map[string]any{"monto": money.Amount(rapid.Int64Range(0, 99_999_99).Draw(t, "amount")),
				"vence": quincena.Date{Year: 2026, Month: time.September, Day: 30}, "referencia": "9001123456"},
		}
		got, err := catalog.Render("pago.aviso", message.SMS, data, nil)
		if err != nil {
			t.Fatal(err)
		}
		if m := gsm7.Count(got.Body); m.Segments != 1 || m.Encoding != gsm7.GSM7 {
			t.Fatalf("%q costs %d segments as %s", got.Body, m.Segments, m.Encoding)
		}
	})
}

func TestProblemsOfMessageFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, code string }{
		{"empty", "", "yaml"}, {"list", "- a\n", "msg-shape"}, {"not a text", "a: {sms: [x], wa: b}\n", "msg-shape"},
		{"twice", "a: {sms: x, wa: y}\na: {sms: x, wa: y}\n", "duplicate-key"}, {"part", "a: {sms: x, wa: y, boton: z}\n", "unknown-key"},
		{"too deep", "a: {b: {c: {d: {e: {f: {g: {h: {x: {sms: a, wa: b}}}}}}}}}\n", "msg-shape"},
		{"buttons as a list", "a: {sms: x, wa: y, botones: [z]}\n", "msg-shape"}, {"empty label", "a: {sms: x, wa: y, botones: {b: \"\"}}\n", "wa-button"},
	} {
		_, problems := load(t, c.text)
		if len(problems) == 0 || problems[0].Code != c.code {
			t.Errorf("%s: %v; want %s", c.name, problems, c.code)
		}
	}
	if _, problems := locale.Load(fstest.MapFS{}); len(problems) != 1 || problems[0].Code != "file" {
		t.Errorf("an empty folder: %v", problems)
	}
}

func TestOneMessageInTwoFiles(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{Data: []byte("a: {sms: x, wa: y}\n")}
	_, problems := locale.Load(fstest.MapFS{"es-MX/a.yaml": file, "es-MX/b.yaml": file})
	if len(problems) != 1 || problems[0].Code != "duplicate-key" || problems[0].File != "locales/es-MX/b.yaml" {
		t.Error(problems)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("a: {sms: \"{{.x.y | pesos}}\", wa: b}\n")
	f.Add("a:\n  b: {sms: \"{{\", wa: \"}}{{.a.b|c}}\", botones: {x: y}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		catalog, problems := load(t, text)
		for _, p := range problems {
			if p.Line < 1 || p.Code == "" {
				t.Errorf("a problem without a place: %+v", p)
			}
		}
		for _, key := range catalog.Keys() {
			_, _ = catalog.Render(key, message.SMS, map[string]any{}, nil) // must only not panic
		}
	})
}

func BenchmarkRender(b *testing.B) {
	catalog := shipped(b)
	data := map[string]any{"vale": map[string]any{"distribuidora": "María López", "monto": money.Pesos(3000), "quincenas": 8, "pago": money.Amount(48750), "total": money.Pesos(3900)}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Render("aceptacion.oferta", message.SMS, data, time.UTC); err != nil {
			b.Fatal(err)
		}
	}
}
