package mexid_test

import (
	"testing"

	"valebot/internal/mexid"
)

func TestRFC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, want, code string
		kind             mexid.RFCKind
		digitOK          bool
	}{
		// Published examples: the tax office's own (GODE561231GR8) and the test
		// suite of validate-rfc (npm), with the documented wrong digits.
		{"GODE561231GR8", "GODE561231GR8", "", mexid.Person, true},
		{"MHTR93041179A", "MHTR93041179A", "", mexid.Person, true},
		{"MHTR840411790", "MHTR840411790", "", mexid.Person, true},
		{"RET130705MD5", "RET130705MD5", "", mexid.Company, true},
		{"ATR060613SN7", "ATR060613SN7", "", mexid.Company, true},
		{"Ñ&T130705MD6", "Ñ&T130705MD6", "", mexid.Company, true},
		{"n\u0303&t130705md6", "Ñ&T130705MD6", "", mexid.Company, true},
		{"  mhtr-930411/79a  ", "MHTR93041179A", "", mexid.Person, true},
		{"LME060822IH5", "LME060822IH5", "", mexid.Company, false},
		{"NFS0103297H5", "NFS0103297H5", "", mexid.Company, false},
		{"MHTR810511A79", "MHTR810511A79", "", mexid.Person, false},
		{"XAXX010101000", "XAXX010101000", "", mexid.Generic, true},
		{"xexx010101000", "XEXX010101000", "", mexid.Generic, true},
		{"MHTR000229790", "MHTR000229790", "", mexid.Person, false},
		{"MHTR815511A70", "", "rfc_date", "", false},
		{"MHTR8O0411790", "", "rfc_date", "", false},
		{"FETO930411792", "", "rfc_word", "", false},
		{"INVALID_RFC", "", "rfc_length", "", false},
		{"", "", "rfc_length", "", false},
		{"MH1R840411790", "", "rfc_letters", "", false},
		{"1ET130705MD5", "", "rfc_letters", "", false},
		{"RET130705MDB", "", "rfc_homoclave", "", false},
		{"RET130705Ñ&5", "", "rfc_homoclave", "", false},
	} {
		got, code := parsers["rfc"](c.text)
		if got != c.want || code != c.code {
			t.Errorf("ParseRFC(%q) = %q, code %q; want %q, %q", c.text, got, code, c.want, c.code)
			continue
		}
		if code != "" {
			continue
		}
		if r := mexid.RFC(got); r.Kind() != c.kind || r.CheckDigitOK() != c.digitOK {
			t.Errorf("%s: Kind %s, CheckDigitOK %v", got, r.Kind(), r.CheckDigitOK())
		}
	}
	if mexid.RFC("").CheckDigitOK() {
		t.Error("an empty number passes")
	}
}
