package understand_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"valebot/internal/money"
	"valebot/internal/understand"
)

func TestStop(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for want, texts := range map[understand.Stop][]string{
		understand.StopOut: {"STOP", "stop", "Stop!", " stop ", "STOPALL", "Alto", "BAJA", "baja.", "¡Baja!", "bája", "\"BAJA\"", "Darme de baja", "CANCELAR SUSCRIPCIÓN",
			"unsubscribe", "END", "quit", "revoke", "OPT-OUT", "optout", "No más mensajes", "NO  MAS   MENSAJES"},
		understand.StopIn:     {"ALTA", "alta", "START", "Unstop", "¡alta!"},
		understand.StopCancel: {"CANCELAR", "cancel", "Salir", "fin."},
		understand.StopNone: {"", "hola", "ya di de baja mi numero viejo", "baja por favor", "no alto", "alto ahí", "stop it", "BAJ", "BAJAA", "alta presión",
			"fin de mes", "salir a pagar", "baja 👎", "ВАJА", "s\u200btop", "cancelar mi vale", "1", "darme de baja ya", strings.Repeat("baja ", 50)},
	} {
		for _, text := range texts {
			r := u.Read(text, monday())
			if got := r.Stop(); got != want {
				t.Errorf("%q is %d, want %d", text, got, want)
			}
			if r.OptOut() != (want == understand.StopOut) || r.OptIn() != (want == understand.StopIn) {
				t.Errorf("%q: OptOut %v, OptIn %v", text, r.OptOut(), r.OptIn())
			}
		}
	}
}

func TestNewVale(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	full := understand.NewVale{Phone: "+526671234567", Amount: money.Pesos(3000), Quincenas: 8}
	for text, want := range map[string]understand.NewVale{
		"VALE 6671234567 3000 8":                                       full,
		"vale 667 123 4567 3000 8":                                     full,
		"Vale 6671234567, $3,000, 8":                                   full,
		"vale 6671234567 3 mil a 8":                                    full,
		"vale 3000 8 6671234567":                                       full,
		"vale +52 667 123 4567 3000 8q":                                full,
		"quiero dar un vale de 3 mil a 8 quincenas a 667 123 4567":     full,
		"hacer un vale de tres mil pesos en ocho quincenas 6671234567": full,
		"quiero dar un vale":                                           {},
		"vale 6671234567":                                              {Phone: "+526671234567"},
		"quiero hacer un vale de 2500":                                 {Amount: money.Pesos(2500)},
		"nuevo vale a 12 quincenas":                                    {Quincenas: 12},
		"vale 6671234567 3000 o 4000 8":                                {Phone: "+526671234567", Quincenas: 8},
		"un vale para 6671234567 de 1500 a 6":                          {Phone: "+526671234567", Amount: money.Pesos(1500), Quincenas: 6},
		"vale 667123456 3000 8":                                        {Quincenas: 8},
	} {
		r := u.Read(text, monday())
		got, ok := r.NewVale()
		if !ok {
			t.Errorf("%q asks for no vale", text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "vale", "vale va", "vale la pena", "ya pagué mi vale", "no quiero dar un vale", "6671234567 3000 8", "quiero mi vale"} {
		if r := u.Read(text, monday()); hasVale(r) {
			t.Errorf("%q asks for a vale", text)
		}
	}
}

func hasVale(r understand.Reading) bool {
	_, ok := r.NewVale()
	return ok
}

func TestOptionUsesTheContext(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	c := monday()
	c.Options = payout()
	r := u.Read("la 2", c)
	if id, ok := r.Option(nil); !ok || id != "retiro" {
		t.Errorf("got %q, %v", id, ok)
	}
	if id, ok := r.Option([]understand.Option{{ID: "unica"}}); ok {
		t.Errorf("option 2 of one is %q", id)
	}
	if _, ok := u.Read("la 1", monday()).Option(nil); ok {
		t.Error("an option of no question was chosen")
	}
}

func TestOptionOfReminder(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	options := []understand.Option{
		{ID: "pagado", Words: []string{"ya pague", "ya deposite", "listo"}},
		{ID: "fecha", Words: []string{"otro dia", "promesa", "despues"}},
		{ID: "ayuda", Words: []string{"no puedo", "problema", "apoyo"}},
	}
	for text, want := range map[string]string{
		"ya pagué ayer": "pagado", "ya deposité": "pagado", "1": "pagado", "Otro día por favor": "fecha", "tres": "ayuda",
		"no puedo esta quincena": "ayuda", "la 4": "-", "tortillas": "-", "hoy no": "-",
	} {
		id, ok := u.Read(text, monday()).Option(options)
		if !ok {
			id = "-"
		}
		if id != want {
			t.Errorf("%q chooses %s, want %s", text, id, want)
		}
	}
}

func TestMoneyNamesTheCurrency(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]understand.Money{
		"US$ 1,905.93":             {Centavos: 190593, Currency: "USD", Words: "US$ 1,905.93"},
		"45€":                      {Centavos: 4500, Currency: "EUR", Words: "45€"},
		"£9":                       {Centavos: 900, Currency: "GBP", Words: "£9"},
		"mxn$ 20":                  {Centavos: 2000, Currency: "MXN", Words: "mxn$ 20"},
		"cien yenes":               {Centavos: 10000, Currency: "JPY", Words: "cien yenes"},
		"son 3 mil pesos, gracias": {Centavos: 300000, Words: "3 mil pesos"},
		"15 pesos con 50 centavos": {Centavos: 1550, Words: "15 pesos con 50"},
		"85 pesos 50 centavos":     {Centavos: 8550, Words: "85 pesos 50"},
		"50 centavos":              {Centavos: 5000, Currency: "cents", Words: "50 centavos"},
		"dos lucas y media":        {Centavos: 250000, Words: "dos lucas y media"},
		"$450 por quincena":        {Centavos: 45000, Words: "$450"},
		"$1,200 mensuales":         {Centavos: 120000, Words: "$1,200"},
		"un peso":                  {Centavos: 100, Words: "un peso"},
	} {
		got, ok := u.Read(text, monday()).Money()
		if !ok {
			t.Errorf("%q is no money", text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
}

func TestYesNoSaysWhy(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]string{
		"sí": "", "no": "", "sí pero mañana": "condition", "¿sí?": "question", "no, sí acepto": "mixed", "creo que sí": "hedge",
		"dice que si": "reported", `"si"`: "reported", "sí jaja": "laugh", "si 2000": "number", "si tacos": "extra", "qué bueno": "praise",
		"s\u0456 claro": "suspect", strings.Repeat("si ", 200): "long", "hola": "none", "": "none", "no sé si si": "hedge",
	} {
		if got := u.Read(text, monday()).YesNo().Why; got != want {
			t.Errorf("%.20q: %q, want %q", text, got, want)
		}
	}
}

func TestSeveralIntentsHold(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string][]string{
		"hola, ya pague, me pueden ayudar":              {"already_paid", "greet", "help"},
		"buenas tardes, cuanto debo, gracias":           {"balance", "greet", "thanks"},
		"no puedo pagar hoy, le pago el viernes":        {"cannot_pay", "promise"},
		"me cobraron de más, quiero hablar con alguien": {"complaint", "human"},
	} {
		r := u.Read(text, monday())
		for _, name := range want {
			if !r.Has(name) {
				t.Errorf("%q lacks %s: %v", text, name, r.Intents())
			}
		}
		for i, found := range r.Intents() {
			if i > 0 && found.Score > r.Intents()[i-1].Score {
				t.Errorf("%q: intents out of order: %v", text, r.Intents())
			}
			if found.Words == "" || !strings.Contains(text, found.Words) {
				t.Errorf("%q: %s rests on %q", text, found.Name, found.Words)
			}
		}
	}
}

func TestTermsAndChange(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string][2]bool{
		"INFO": {true, false}, "condiciones": {true, false}, "info por favor": {true, false}, "cambiar": {false, true}, "CAMBIAR": {false, true},
		"quiero cambiar el monto": {false, true}, "si": {false, false}, "no quiero recibir informacion": {false, false},
	} {
		r := u.Read(text, monday())
		if got := [2]bool{r.Terms(), r.Change()}; got != want {
			t.Errorf("%q: terms and change are %v, want %v", text, got, want)
		}
	}
}

func TestCURPInsideASentence(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for text, want := range map[string]bool{
		"HEGG560427MVZRRL04":                    true,
		"mi curp es HEGG560427MVZRRL04 gracias": true,
		"curp:hegg560427mvzrrl04.":              true,
		"HEGG560427MVZRRL05":                    false,
		"XHEGG560427MVZRRL04":                   false,
		"no la tengo":                           false,
	} {
		if _, ok := u.Read(text, monday()).CURP(); ok != want {
			t.Errorf("%q: %v, want %v", text, ok, want)
		}
	}
}

// TestAllHidesSecrets: what people ask "why" of may be shown to an operator.
func TestAllHidesSecrets(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	for _, secret := range []string{"032180000118359719", "6671234567", "4821"} {
		found := u.Read(secret, monday()).All()
		if len(found) == 0 {
			t.Errorf("%s is nothing", secret)
		}
		for _, f := range found {
			if f.Kind != "int" && f.Kind != "amount" && strings.Contains(f.Value, secret) {
				t.Errorf("%s shows %q", f.Kind, f.Value)
			}
		}
	}
}

func TestAllListsEveryReading(t *testing.T) {
	t.Parallel()
	u := spanish(t)
	c := monday()
	c.Options = payout()
	kinds := map[string]bool{}
	for _, text := range []string{"sí", "qué bueno", "3 mil a 6 quincenas", "el viernes", "la 2", "cuanto debo", "8", "667 123 4567", "032180000118359719", "4821"} {
		for _, f := range u.Read(text, c).All() {
			kinds[f.Kind] = true
			if f.Score < 1 || f.Score > 100 || f.Value == "" {
				t.Errorf("%q: %+v", text, f)
			}
		}
	}
	for _, kind := range []string{"yes_no", "amount", "int", "term", "date", "option", "intent", "phone", "clabe", "pin"} {
		if !kinds[kind] {
			t.Errorf("no reading of kind %s", kind)
		}
	}
}
