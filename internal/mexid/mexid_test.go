package mexid_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"valebot/internal/fault"
	"valebot/internal/mexid"
)

// verdict runs one parser and returns the canonical text and the fault's code.
func verdict[T ~string](parse func(string) (T, error)) func(string) (string, string) {
	return func(text string) (string, string) {
		v, err := parse(text)
		if err != nil {
			return string(v), fault.CodeOf(err)
		}
		return string(v), ""
	}
}

var parsers = map[string]func(string) (string, string){
	"phone": verdict(mexid.ParsePhone),
	"clabe": verdict(mexid.ParseCLABE),
	"card":  verdict(mexid.ParseCard),
	"curp":  verdict(mexid.ParseCURP),
	"rfc":   verdict(mexid.ParseRFC),
}

func TestRefusalsArePlainSpanishAndRepeatNothing(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "667", "abcdef", "032180000118359710", "MOTR930411HJCRMN06", "4111111111111112", "+14155238886", "\x00\xff"} {
		for name, err := range map[string]error{
			"phone": second(mexid.ParsePhone(typed)), "clabe": second(mexid.ParseCLABE(typed)), "card": second(mexid.ParseCard(typed)),
			"curp": second(mexid.ParseCURP(typed)), "rfc": second(mexid.ParseRFC(typed)),
		} {
			if err == nil {
				t.Errorf("%s: %q was accepted", name, typed)
				continue
			}
			if fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(fault.CodeOf(err), name+"_") {
				t.Errorf("%s: %q gave %s/%s", name, typed, fault.KindOf(err), fault.CodeOf(err))
			}
			if text := fault.TextOf(err); !strings.HasSuffix(text, ".") || len(typed) > 3 && strings.Contains(text, typed) {
				t.Errorf("%s: text %q", name, text)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestEveryIdentifierMasksItselfInLogs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value slog.LogValuer
		want  string
	}{
		{mexid.Phone("+526671234567"), "+52••••••4567"},
		{mexid.Phone("667"), "•••"},
		{mexid.CLABE("032180000118359719"), "••••••••••••••9719"},
		{mexid.Card("4111111111111111"), "••••••••••••1111"},
		{mexid.CURP("MOTR930411HJCRMN03"), "••••••••••••••••03"},
		{mexid.RFC("Ñ&T130705MD6"), "•••••••••MD6"},
		{mexid.RFC("ÑÑ"), "••"},
		{mexid.CLABE(""), ""},
	} {
		var b strings.Builder
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "id", c.value)
		if got := c.value.LogValue().String(); got != c.want {
			t.Errorf("LogValue = %q, want %q", got, c.want)
		}
		if bare := fmt.Sprint(c.value); len(bare) > 6 && strings.Contains(b.String(), bare) {
			t.Errorf("the log shows %q", b.String())
		}
	}
}

// checkParse holds what every parser promises for any input.
func checkParse(t *testing.T, name, text string) {
	t.Helper()
	got, code := parsers[name](text)
	if (got == "") != (code != "") {
		t.Fatalf("%s(%q) = %q with code %q", name, text, got, code)
	}
	if code != "" {
		return
	}
	if again, code := parsers[name](got); again != got || code != "" {
		t.Fatalf("%s is not stable: %q gives %q, which gives %q (%s)", name, text, got, again, code)
	}
}

func FuzzParsers(f *testing.F) {
	for _, seed := range []string{
		"+52 667 123 4567", "whatsapp:+5216671234567", "044 55 1234 5678", "032 180 00011835971 9",
		"4111-1111-1111-1111", "motr-930411-hjcrmn03", "GODE561231GR8", "Ñ&T130705MD6", "XAXX010101000", "\x00", "52+",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name := range parsers {
			checkParse(t, name, text)
		}
	})
}
