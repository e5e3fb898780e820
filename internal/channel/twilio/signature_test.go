package twilio_test

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"valebot/internal/channel/twilio"
)

const token = "12345" // the token of Twilio's published examples

// callForm is the form of Twilio's published examples.
func callForm() url.Values {
	return url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"},
		"From": {"+14158675309"}, "To": {"+18005551212"},
	}
}

func verifier(t *testing.T, base string, tokens ...string) *twilio.Verifier {
	t.Helper()
	v, err := twilio.NewVerifier(base, "", tokens...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The vectors are those of the test suites of Twilio's own libraries.
func TestVerifyPublishedVectors(t *testing.T) {
	t.Parallel()
	const path = "/myapp.php?foo=1&bar=2"
	digits := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"5678", "1234"}}
	thrice := url.Values{"Sid": {"CA123"}, "SidAccount": {"AC123"}, "Digits": {"5678", "1234", "1234"}}
	for _, c := range []struct {
		name, base, path string
		form             url.Values
		signature        string
		want             bool
	}{
		{"as documented", "https://mycompany.com", path, callForm(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"wrong", "https://mycompany.com", path, callForm(), "NOTRSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"none", "https://mycompany.com", path, callForm(), "", false},
		{"https port stripped", "https://mycompany.com:1234", path, callForm(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https port added", "https://mycompany.com", path, callForm(), "kvajT1Ptam85bY51eRf/AJRuM3w=", true},
		{"http port kept", "http://mycompany.com:1234", path, callForm(), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", true},
		{"http port added", "http://mycompany.com", path, callForm(), "0ZXoZLH/DfblKGATFgpif+LLRf4=", true},
		{"credentials", "https://user:pass@mycompany.com", path, callForm(), "CukzLTc1tT5dXEDIHm/tKBanW10=", true},
		{"user alone", "https://user@mycompany.com", path, callForm(), "2YRLlVAflCqxaNicjMpJcSTgzSs=", true},
		{"credentials, port added", "https://user:pass@mycompany.com", path, callForm(), "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", true},
		{"apostrophe", "https://mycompany.com", path + "&Body=It's+amazing", callForm(), "dsq4Ehbj6cs+KdTkpF5sSSplOWw=", true},
		{"repeated key", "https://mycompany.com", path, digits, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"repeated value", "https://mycompany.com", path, thrice, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"array", "https://mycompany.com", path, url.Values{"MessagingBinding.Address": {"+1325xxxxxxx", "+1415xxxxxxx"}}, "83O6e2vORAoJHUNzJjDWN1jz+BA=", true},
		{"array, other order", "https://mycompany.com", path, url.Values{"MessagingBinding.Address": {"+1415xxxxxxx", "+1325xxxxxxx"}}, "83O6e2vORAoJHUNzJjDWN1jz+BA=", true},
		{"other host", "https://mycompany.org", path, callForm(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"other query", "https://mycompany.com", path + "&x=1", callForm(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"host with capitals is another", "https://MyCompany.com", path, callForm(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
	} {
		if got := verifier(t, c.base, token).Verify(c.path, c.form, c.signature); got != c.want {
			t.Errorf("%s: Verify = %v", c.name, got)
		}
	}
}

func TestVerifyBodyPublishedVectors(t *testing.T) {
	t.Parallel()
	const (
		body     = `{"property": "value", "boolean": true}`
		hash     = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
		hashVoid = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
		path     = "/myapp.php?foo=1&bar=2"
	)
	v := verifier(t, "https://mycompany.com", token)
	for _, c := range []struct {
		name, path, body, signature string
		want                        bool
	}{
		{"body", path + "&bodySHA256=" + hash, body, "a9nBmqA0ju/hNViExpshrM61xv4=", true},
		{"empty object", path + "&bodySHA256=" + hashVoid, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", true},
		{"hash alone in the query", "/myapp.php?bodySHA256=" + hash, body, "y77kIzt2vzLz71DgmJGsen2scGs=", true},
		{"no hash", path, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"other body", path + "&bodySHA256=" + hash, body + " ", "a9nBmqA0ju/hNViExpshrM61xv4=", false},
		{"other signature", path + "&bodySHA256=" + hash, body, "y77kIzt2vzLz71DgmJGsen2scGs=", false},
		{"broken query", path + "&bodySHA256=%zz", body, "a9nBmqA0ju/hNViExpshrM61xv4=", false},
	} {
		if got := v.VerifyBody(c.path, []byte(c.body), c.signature); got != c.want {
			t.Errorf("%s: VerifyBody = %v", c.name, got)
		}
	}
}

func TestSignIsWhatTwilioSends(t *testing.T) {
	t.Parallel()
	if got := twilio.Sign(token, "https://mycompany.com/myapp.php?foo=1&bar=2", callForm()); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Errorf("Sign = %q", got)
	}
}

func TestTokensRotate(t *testing.T) {
	t.Parallel()
	v := verifier(t, "https://bot.example", "old", "new")
	for secret, want := range map[string]bool{"old": true, "new": true, "older": false} {
		if got := v.Verify("/x", callForm(), twilio.Sign(secret, "https://bot.example/x", callForm())); got != want {
			t.Errorf("token %q: Verify = %v", secret, got)
		}
	}
}

func TestConnectionOverridesMayOrMayNotBeSigned(t *testing.T) {
	t.Parallel()
	v, err := twilio.NewVerifier("https://bot.example/", "rc=5&rp=all", token)
	if err != nil {
		t.Fatal(err)
	}
	for signed, want := range map[string]bool{
		"https://bot.example/x": true, "https://bot.example/x#rc=5&rp=all": true, "https://bot.example:443/x#rc=5&rp=all": true,
		"https://bot.example/x#rc=4": false,
	} {
		if got := v.Verify("/x", nil, twilio.Sign(token, signed, nil)); got != want {
			t.Errorf("%s: Verify = %v", signed, got)
		}
	}
}

func TestVerifyKeepsAnIPv6HostAndAPathPrefix(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base, signed, path string
		want               bool
	}{
		{"http://[::1]:8080", "http://[::1]/x", "/x", true},
		{"http://[::1]", "http://[::1]:80/x", "/x", true},
		{"https://h.example/valebot/", "https://h.example/valebot/x", "/x", true},         // the proxy strips the prefix
		{"https://h.example/valebot/", "https://h.example/valebot/x", "/valebot/x", true}, // it does not
		{"https://h.example/valebot", "https://h.example/valebot/x", "/other/x", false},
		{"https://h.example/", "https://h.example/x", "/x", true},
	} {
		if got := verifier(t, c.base, token).Verify(c.path, nil, twilio.Sign(token, c.signed, nil)); got != c.want {
			t.Errorf("%s: %s signed as %s: Verify = %v", c.base, c.path, c.signed, got)
		}
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base   string
		tokens []string
	}{
		{"", []string{"t"}}, {"bot.example", []string{"t"}}, {"ftp://bot.example", []string{"t"}}, {"https://bot.example?x=1", []string{"t"}},
		{"https://bot.example#x", []string{"t"}}, {"https://a b", []string{"t"}}, {"https://bot.example", nil}, {"https://bot.example", []string{"t", ""}},
	} {
		if _, err := twilio.NewVerifier(c.base, "", c.tokens...); err == nil {
			t.Errorf("NewVerifier(%q, %q) succeeded", c.base, c.tokens)
		}
	}
	_, err := twilio.NewVerifier("https://user:secret@bot.example?x=1", "", token)
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// Whatever is signed verifies, and any change to it does not.
func TestAnyChangeBreaksTheSignature(t *testing.T) {
	t.Parallel()
	word := rapid.StringMatching(`[A-Za-zñé0-9+ ']{1,12}`)
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values(rapid.MapOfN(word, rapid.SliceOfN(word, 1, 3), 1, 6).Draw(t, "form"))
		v, err := twilio.NewVerifier("https://bot.example", "", token)
		if err != nil {
			t.Fatal(err)
		}
		signature := twilio.Sign(token, "https://bot.example/x?y=1", form)
		if !v.Verify("/x?y=1", form, signature) {
			t.Fatalf("%v does not verify", form)
		}
		if v.Verify("/x?y=2", form, signature) {
			t.Fatal("another URL verifies")
		}
		form.Add("zz-new", "1")
		if v.Verify("/x?y=1", form, signature) {
			t.Fatal("a new field verifies")
		}
	})
}
