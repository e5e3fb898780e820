package twilio_test

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"valebot/internal/channel/twilio"
	"valebot/internal/fault"
	"valebot/internal/message"
)

const account = "AC00112233445566778899aabbccddeeff"

var received = time.Date(2026, time.August, 31, 15, 0, 0, 0, time.UTC)

// recorded returns a file of testdata and the form in it.
func recorded(t *testing.T, name string) (string, url.Values) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	raw := strings.TrimSpace(string(b))
	form, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return raw, form
}

func TestParseInboundOfRecordedWebhooks(t *testing.T) {
	t.Parallel()
	wa := func(v string) message.Address { return message.Address{Channel: message.WhatsApp, Value: v} }
	sms := func(v string) message.Address { return message.Address{Channel: message.SMS, Value: v} }
	for name, want := range map[string]message.Inbound{
		"inbound_sms.form": {
			ProviderID: "SM8f0c1a2b3c4d5e6f708192a3b4c5d6e7", From: sms("+526671234567"), To: sms("+525511223344"),
			Kind: message.Text, Body: "sí, acepto",
		},
		"inbound_sms_stop.form": {
			ProviderID: "SM55556666777788889999000011112222", From: sms("+526671234567"), To: sms("72345"),
			Kind: message.Text, Body: "BAJA", OptOut: "STOP",
		},
		"inbound_whatsapp_button.form": {
			ProviderID: "SM11112222333344445555666677778888", From: wa("+5216671234567"), To: wa("+525511223344"),
			Kind: message.Tap, Body: "Sí, acepto", Tap: "0190a0b0-1111-7222-8333-444455556666:acepto",
			RepliesTo: "SM99998888777766665555444433332222", ProfileName: "María 🌸",
		},
		"inbound_whatsapp_list.form": {
			ProviderID: "SM12121212121212121212121212121212", From: wa("+526671234567"), To: wa("+525511223344"),
			Kind: message.Tap, Body: "Cajero", Tap: "0190a0b0-1111-7222-8333-444455556666:cajero", ProfileName: "Ana",
		},
		"inbound_whatsapp_voice.form": {
			ProviderID: "MM22223333444455556666777788889999", From: wa("+5216671234567"), To: wa("+525511223344"),
			Kind: message.Voice, ProfileName: "Ana", Media: []message.Media{{
				URL:         "https://api.twilio.com/2010-04-01/Accounts/" + account + "/Messages/MM22223333444455556666777788889999/Media/ME00112233445566778899aabbccddeeff",
				ContentType: "audio/ogg",
			}},
		},
		"inbound_whatsapp_location.form": {
			ProviderID: "SM33334444555566667777888899990000", From: wa("+5216671234567"), To: wa("+525511223344"),
			Kind: message.Location, ProfileName: "Ana", Place: &message.Place{Latitude: 24.8091, Longitude: -107.394, Name: "Casa"},
		},
		"inbound_whatsapp_username.form": {
			ProviderID: "SM44445555666677778888999900001111", From: wa("MX.1234567890abcdef"), To: wa("+525511223344"),
			Kind: message.Text, Body: "hola", ProfileName: "lupita", UserID: "MX.1234567890abcdef",
		},
	} {
		raw, form := recorded(t, name)
		want.Provider, want.Account, want.Raw, want.ReceivedAt = twilio.Provider, account, raw, received
		got, err := twilio.ParseInbound(form, raw, received)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// inbound returns a parsed message that has the given fields besides the usual ones.
func inbound(t *testing.T, fields url.Values) message.Inbound {
	t.Helper()
	form := url.Values{"MessageSid": {"SM1"}, "AccountSid": {account}, "From": {"+526671234567"}, "To": {"+525511223344"}}
	for k, v := range fields {
		form[k] = v
	}
	m, err := twilio.ParseInbound(form, form.Encode(), received)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestKindsOfInbound(t *testing.T) {
	t.Parallel()
	media := func(kind, contentType string) url.Values {
		return url.Values{"NumMedia": {"1"}, "MediaUrl0": {"https://x/1"}, "MediaContentType0": {contentType}, "MessageType": {kind}}
	}
	for _, c := range []struct {
		name   string
		fields url.Values
		want   message.Kind
	}{
		{"empty text", url.Values{"Body": {""}}, message.Text},
		{"emoji", url.Values{"Body": {"👍"}, "MessageType": {"text"}}, message.Text},
		{"photo", media("image", "image/jpeg"), message.Photo},
		{"photo by SMS", media("", "image/png"), message.Photo},
		{"sticker", media("sticker", "image/webp"), message.Unsupported},
		{"voice", media("audio", "audio/ogg; codecs=opus"), message.Voice},
		{"video", media("video", "video/mp4"), message.Unsupported},
		{"PDF", media("document", "application/pdf"), message.Document},
		{"text file", media("document", "text/plain"), message.Document},
		{"contact card", media("", "text/vcard"), message.Contact},
		{"contact card, old type", media("", "text/x-vcard"), message.Contact},
		{"contacts", url.Values{"MessageType": {"contacts"}}, message.Contact},
		{"no content type", media("", ""), message.Unsupported},
		{"media that is not counted", url.Values{"NumMedia": {"many"}}, message.Text},
		{"media below none", url.Values{"NumMedia": {"-3"}}, message.Text},
		{"location", url.Values{"Latitude": {"24.8"}}, message.Location},
		{"reaction", url.Values{"MessageType": {"reaction"}, "Body": {"👍"}}, message.Aside},
		{"something new", url.Values{"MessageType": {"hologram"}}, message.Unsupported},
		{"something new with a text", url.Values{"MessageType": {"hologram"}, "Body": {"hola"}}, message.Text},
		{"button without an id", url.Values{"ButtonText": {"Sí"}, "Body": {"Sí"}}, message.Text},
		{"button", url.Values{"ButtonPayload": {"x:si"}}, message.Tap},
	} {
		if got := inbound(t, c.fields).Kind; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhatsAppIsKnownByAnyTrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields url.Values
		want   message.Address
	}{
		"prefix":          {url.Values{"From": {"whatsapp:+5216671234567"}}, message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}},
		"prefix of To":    {url.Values{"To": {"whatsapp:+525511223344"}}, message.Address{Channel: message.WhatsApp, Value: "+526671234567"}},
		"WaId":            {url.Values{"From": {"5216671234567"}, "WaId": {"5216671234567"}}, message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}},
		"metadata":        {url.Values{"ChannelMetadata": {`{"type":"whatsapp"}`}}, message.Address{Channel: message.WhatsApp, Value: "+526671234567"}},
		"user id alone":   {url.Values{"From": {""}, "ExternalUserId": {"whatsapp:MX.1a"}}, message.Address{Channel: message.WhatsApp, Value: "MX.1a"}},
		"other metadata":  {url.Values{"ChannelMetadata": {`{"type":"rcs"}`}}, message.Address{Channel: message.SMS, Value: "+526671234567"}},
		"broken metadata": {url.Values{"ChannelMetadata": {`{`}}, message.Address{Channel: message.SMS, Value: "+526671234567"}},
		"capitals":        {url.Values{"From": {"WhatsApp:+526671234567"}}, message.Address{Channel: message.WhatsApp, Value: "+526671234567"}},
	} {
		if got := inbound(t, c.fields).From; got.Channel != c.want.Channel || got.Value != c.want.Value {
			t.Errorf("%s: %s %q", name, got.Channel, got.Value)
		}
	}
}

func TestTextsAreMadeStorable(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ñ", 3000)
	m := inbound(t, url.Values{
		"Body": {"a\x00b\xff"}, "ProfileName": {"\x00" + long}, "ButtonText": {"x"}, "OptOutType": {"stop"},
		"NumMedia": {"99"}, "MediaUrl0": {"https://x/0"}, "MediaUrl50": {"https://x/50"},
	})
	if m.Body != "ab\uFFFD" || utf8.RuneCountInString(m.ProfileName) != 200 || m.OptOut != "STOP" || len(m.Media) != 1 {
		t.Errorf("got %q, %d characters of name, %q, %d media", m.Body, utf8.RuneCountInString(m.ProfileName), m.OptOut, len(m.Media))
	}
	if m := inbound(t, url.Values{"Body": {long}}); utf8.RuneCountInString(m.Body) != 1600 {
		t.Errorf("a body of %d characters", utf8.RuneCountInString(m.Body))
	}
	raw := "MessageSid=SM1&From=%2B52&Body=\x00\xff"
	form, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := twilio.ParseInbound(form, raw, received)
	if err != nil || !utf8.ValidString(got.Raw) || strings.Contains(got.Raw, "\x00") {
		t.Errorf("raw form %q, %v", got.Raw, err)
	}
}

func TestBodiesInBase64AreUnwrapped(t *testing.T) {
	t.Parallel()
	text := "Hola, quiero saber cuándo tengo que pagar mi vale y cuánto me falta todavía."
	for body, want := range map[string]string{
		base64.StdEncoding.EncodeToString([]byte(text + "  ")):                      text + "  ",
		base64.StdEncoding.EncodeToString([]byte("hola mundo")):                     base64.StdEncoding.EncodeToString([]byte("hola mundo")), // short: may be a word
		strings.Repeat("ja", 40):                                                    strings.Repeat("ja", 40),
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x01 binary", 6))): base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x01 binary", 6))),
		strings.Repeat("=", 64):                                                     strings.Repeat("=", 64),
	} {
		if got := inbound(t, url.Values{"Body": {body}}).Body; got != want {
			t.Errorf("Body %q became %q", body, got)
		}
	}
}

func TestInboundNeedsAnIdAndASender(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{
		"nothing": {}, "no sender": {"MessageSid": {"SM1"}}, "no id": {"From": {"+526671234567"}}, "empty sender": {"MessageSid": {"SM1"}, "From": {"whatsapp:"}},
	} {
		if m, err := twilio.ParseInbound(form, "", received); fault.CodeOf(err) != "twilio_inbound" || !cmp.Equal(m, message.Inbound{}, cmpopts.EquateEmpty()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseInbound(f *testing.F) {
	for _, name := range []string{"inbound_sms.form", "inbound_whatsapp_button.form", "inbound_whatsapp_voice.form"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add("MessageSid=%00&From=whatsapp%3A&NumMedia=99999999999999999999&Body=%ff")
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		if s, ok, err := twilio.ParseStatus(form, form, received); err == nil && ok == (s.Rank == message.RankNone) {
			t.Fatalf("status %+v, ok %v", s, ok)
		}
		m, err := twilio.ParseInbound(form, raw, received)
		if err != nil {
			return
		}
		for _, s := range []string{m.Account, m.ProviderID, m.From.Value, m.To.Value, m.Body, m.Tap, m.RepliesTo, m.ProfileName, m.OptOut, m.Raw} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("%q cannot be stored", s)
			}
		}
		if m.ProviderID == "" || m.From.Value == "" || utf8.RuneCountInString(m.Body) > 1600 || len(m.Media) > 10 {
			t.Fatalf("%+v breaks a promise", m)
		}
	})
}
