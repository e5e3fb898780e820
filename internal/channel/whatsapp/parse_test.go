package whatsapp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"valebot/internal/channel/whatsapp"
	"valebot/internal/message"
)

// one parses a webhook with one message whose content is given.
func one(t *testing.T, content string) message.Inbound {
	t.Helper()
	d, err := whatsapp.Parse([]byte(envelope(`"contacts":[{"profile":{"name":"Ana Ruiz"},"wa_id":"5216671234567","user_id":"MX.77"}],"messages":[`+
		`{"from":"5216671234567","id":"wamid.A","timestamp":"1772467195",`+content+`}]`)), phoneID, received)
	if err != nil || len(d.Messages) != 1 {
		t.Fatalf("%s: %d messages, %d broken, %v", content, len(d.Messages), d.Broken, err)
	}
	return d.Messages[0]
}

// Every kind of content that Meta's reference lists, and what it is to us.
func TestEveryKindOfContent(t *testing.T) {
	t.Parallel()
	to := message.Address{Channel: message.WhatsApp, Value: "+525599990000"}
	user := message.Address{Channel: message.WhatsApp, Value: "MX.99"}
	for name, c := range map[string]struct {
		content string
		want    message.Inbound
	}{
		"text":            {`"type":"text","text":{"body":"sí"}`, message.Inbound{Kind: message.Text, Body: "sí"}},
		"reply":           {`"type":"text","text":{"body":"sí"},"context":{"from":"525550000000","id":"wamid.Q"}`, message.Inbound{Kind: message.Text, Body: "sí", RepliesTo: "wamid.Q"}},
		"forwarded":       {`"type":"text","text":{"body":"mira"},"context":{"frequently_forwarded":true}`, message.Inbound{Kind: message.Text, Body: "mira", Forwarded: true}},
		"template button": {`"type":"button","button":{"payload":"q:si","text":"Sí"},"context":{"id":"wamid.Q"}`, message.Inbound{Kind: message.Tap, Tap: "q:si", Body: "Sí", RepliesTo: "wamid.Q"}},
		"bare button":     {`"type":"button","button":{"text":"Sí"}`, message.Inbound{Kind: message.Text, Body: "Sí"}},
		"button":          {`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"q:no","title":"No"}}`, message.Inbound{Kind: message.Tap, Tap: "q:no", Body: "No"}},
		"list":            {`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"q:8","title":"8 quincenas","description":"$487"}}`, message.Inbound{Kind: message.Tap, Tap: "q:8", Body: "8 quincenas"}},
		"form":            {`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"a\":\"1\"}"}}`, message.Inbound{Kind: message.Unsupported, Body: "Sent"}},
		"new interactive": {`"type":"interactive","interactive":{"type":"otra_cosa"}`, message.Inbound{Kind: message.Unsupported}},
		"picture": {
			`"type":"image","image":{"id":"901","mime_type":"image/jpeg","sha256":"c2hh","caption":"mi ticket"}`,
			message.Inbound{Kind: message.Photo, Body: "mi ticket", Media: []message.Media{{ID: "901", ContentType: "image/jpeg", SHA256: "c2hh"}}},
		},
		"voice note": {`"type":"audio","audio":{"id":"902","mime_type":"audio/ogg; codecs=opus","voice":true}`, message.Inbound{Kind: message.Voice, Media: []message.Media{{ID: "902", ContentType: "audio/ogg; codecs=opus"}}}},
		"old voice":  {`"type":"voice","voice":{"id":"902","mime_type":"audio/ogg"}`, message.Inbound{Kind: message.Voice, Media: []message.Media{{ID: "902", ContentType: "audio/ogg"}}}},
		"document": {
			`"type":"document","document":{"id":"903","mime_type":"application/pdf","filename":"ine.pdf"}`,
			message.Inbound{Kind: message.Document, Media: []message.Media{{ID: "903", ContentType: "application/pdf", Name: "ine.pdf"}}},
		},
		"video":            {`"type":"video","video":{"id":"904","mime_type":"video/mp4"}`, message.Inbound{Kind: message.Unsupported, Media: []message.Media{{ID: "904", ContentType: "video/mp4"}}}},
		"sticker":          {`"type":"sticker","sticker":{"id":"905","mime_type":"image/webp","animated":false}`, message.Inbound{Kind: message.Unsupported, Media: []message.Media{{ID: "905", ContentType: "image/webp"}}}},
		"picture, no file": {`"type":"image"`, message.Inbound{Kind: message.Unsupported}},
		"location":         {`"type":"location","location":{"latitude":24.8,"longitude":-107.4,"name":"Casa","address":"Centro"}`, message.Inbound{Kind: message.Location, Place: &message.Place{Latitude: 24.8, Longitude: -107.4, Name: "Casa", Address: "Centro"}}},
		"contacts":         {`"type":"contacts","contacts":[{"name":{"formatted_name":"Beto"},"phones":[{"phone":"+52 667 234 5678"}]}]`, message.Inbound{Kind: message.Contact}},
		"reaction":         {`"type":"reaction","reaction":{"message_id":"wamid.Q","emoji":"👍"}`, message.Inbound{Kind: message.Aside, Body: "👍", RepliesTo: "wamid.Q"}},
		"order":            {`"type":"order","order":{"catalog_id":"1","product_items":[]}`, message.Inbound{Kind: message.Unsupported}},
		"edit":             {`"type":"edit","edit":{"original_message_id":"wamid.Q"}`, message.Inbound{Kind: message.Aside}},
		"revoke":           {`"type":"revoke","revoke":{"original_message_id":"wamid.Q"}`, message.Inbound{Kind: message.Aside}},
		"number changed":   {`"type":"system","system":{"type":"user_changed_number","body":"User A changed","wa_id":"525599990000"}`, message.Inbound{Kind: message.Moved, MovedTo: &to}},
		"number changed 2": {`"type":"system","system":{"type":"customer_changed_number","new_wa_id":"525599990000"}`, message.Inbound{Kind: message.Moved, MovedTo: &to}},
		"to a user id":     {`"type":"system","system":{"type":"user_changed_number","user_id":"MX.99"}`, message.Inbound{Kind: message.Moved, MovedTo: &user}},
		"device changed":   {`"type":"system","system":{"type":"customer_identity_changed"}`, message.Inbound{Kind: message.Moved}},
		"other system":     {`"type":"system","system":{"type":"otra_cosa"}`, message.Inbound{Kind: message.Aside}},
		"unsupported":      {`"type":"unsupported","errors":[{"code":131051,"title":"Unsupported"}]`, message.Inbound{Kind: message.Unsupported}},
		"not known yet":    {`"type":"holograma","holograma":{}`, message.Inbound{Kind: message.Unsupported}},
		"another shape":    {`"type":"text","text":"sin objeto"`, message.Inbound{Kind: message.Unsupported}},
		"NUL and bad text": {`"type":"text","text":{"body":"s\u0000í"}`, message.Inbound{Kind: message.Text, Body: "sí"}},
		"from an ad": {
			`"type":"text","text":{"body":"info"},"referral":{"source_url":"https://fb.example/1","source_type":"ad","source_id":"77","headline":"Vales","body":"Pide","ctwa_clid":"clic"}`,
			message.Inbound{Kind: message.Text, Body: "info", Referral: &message.Referral{Source: "ad", SourceID: "77", URL: "https://fb.example/1", Headline: "Vales", Body: "Pide", ClickID: "clic"}},
		},
	} {
		got := one(t, c.content)
		c.want.Provider, c.want.Account, c.want.ProviderID, c.want.ProfileName, c.want.UserID = "whatsapp", phoneID, "wamid.A", "Ana Ruiz", "MX.77"
		c.want.From = message.Address{Channel: message.WhatsApp, Value: "+5216671234567"}
		c.want.To = message.Address{Channel: message.WhatsApp, Value: "+525550000000"}
		c.want.ReceivedAt = received
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(message.Inbound{}, "Raw")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !strings.Contains(got.Raw, `"wamid.A"`) || strings.Contains(got.Raw, phoneID) {
			t.Errorf("%s: raw form %s", name, got.Raw)
		}
	}
}

// A person may have no number at all; then the id is the address.
func TestPersonWithoutANumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ contact, from, want string }{
		"both":             {`"wa_id":"5216671234567","user_id":"MX.13491208655302741918"`, `"from":"5216671234567","from_user_id":"MX.13491208655302741918"`, "+5216671234567"},
		"id alone":         {`"user_id":"MX.13491208655302741918"`, `"from_user_id":"MX.13491208655302741918"`, "MX.13491208655302741918"},
		"id in both":       {`"wa_id":"MX.13491208655302741918","user_id":"MX.13491208655302741918"`, `"from":"MX.13491208655302741918"`, "MX.13491208655302741918"},
		"no contact entry": {``, `"from_user_id":"MX.13491208655302741918"`, "MX.13491208655302741918"},
	} {
		body := envelope(`"contacts":[{` + c.contact + `}],"messages":[{` + c.from + `,"id":"wamid.A","timestamp":"1772467195","type":"text","text":{"body":"hola"}}]`)
		d, err := whatsapp.Parse([]byte(body), phoneID, received)
		if err != nil || len(d.Messages) != 1 {
			t.Fatalf("%s: %+v %v", name, d, err)
		}
		m := d.Messages[0]
		if m.From.Value != c.want || c.contact != "" && m.UserID != "MX.13491208655302741918" {
			t.Errorf("%s: from %q, user %q", name, m.From.Value, m.UserID)
		}
	}
}

// One POST may carry much: what is ours is taken, the rest is counted.
func TestManyInOne(t *testing.T) {
	t.Parallel()
	body := `{"object":"whatsapp_business_account","entry":[
	 {"id":"1","changes":[
	  {"field":"messages","value":{"metadata":{"phone_number_id":"` + phoneID + `"},"contacts":[{"wa_id":"5216671111111","profile":{"name":"A"}},{"wa_id":"5216672222222","profile":{"name":"B"}}],
	   "messages":[{"from":"5216671111111","id":"1","type":"text","text":{"body":"uno"}},{"id":"sin remitente"},{"from":"5216672222222","id":"2","type":"text","text":{"body":"dos"}},7],
	   "statuses":[{"id":"9","status":"sent"},{"status":"sent"},{"id":"10","status":"deleted"}],"errors":[{"code":131000}]}},
	  {"field":"messages","value":{"metadata":{"phone_number_id":"999"},"messages":[{"from":"5216671111111","id":"3","type":"text"}]}}]},
	 {"id":"1","changes":[
	  {"field":"account_update","value":{"event":"VERIFIED_ACCOUNT"}},{"field":"security","value":[]},
	  {"field":"message_template_status_update","value":{"event":"PAUSED","message_template_id":7,"message_template_name":"vale_oferta_v1","message_template_language":"es_MX","reason":"NONE"}},
	  {"field":"message_template_quality_update","value":{"new_quality_score":"RED","message_template_name":"vale_oferta_v1","message_template_language":"es_MX"}},
	  {"field":"template_category_update","value":{"previous_category":"UTILITY","new_category":"MARKETING","message_template_name":"vale_oferta_v1","message_template_language":"es_MX"}},
	  {"field":"message_template_status_update","value":{"event":"PAUSED"}},{"field":"messages","value":"texto"}]}]}`
	d, err := whatsapp.Parse([]byte(body), phoneID, received)
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	for _, m := range d.Messages {
		heard = append(heard, m.ProfileName+": "+m.Body)
	}
	if diff := cmp.Diff([]string{"A: uno", "B: dos"}, heard); diff != "" {
		t.Error(diff)
	}
	tpl := whatsapp.Change{Name: "vale_oferta_v1", Language: "es_MX"}
	paused, red, marketing := tpl, tpl, tpl
	paused.Status, red.Quality, marketing.Category = "PAUSED", "RED", "MARKETING"
	if diff := cmp.Diff([]whatsapp.Change{paused, red, marketing}, d.Templates); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"error 131000", "account_update VERIFIED_ACCOUNT", "security"}, d.Notices); diff != "" {
		t.Error(diff)
	}
	if len(d.Statuses) != 1 || d.Foreign != 1 || d.Broken != 5 {
		t.Errorf("%d statuses, %d foreign, %d broken", len(d.Statuses), d.Foreign, d.Broken)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("0190a0b0-1111-7222-8333-444455556666")
	for content, want := range map[string]message.Status{
		`"status":"sent","biz_opaque_callback_data":"0190a0b0-1111-7222-8333-444455556666:3"`:         {ID: id, Attempt: 3, Rank: message.RankSent},
		`"status":"delivered","pricing":{"billable":true,"pricing_model":"PMP","category":"utility"}`: {Rank: message.RankDelivered, Category: "utility"},
		`"status":"read","biz_opaque_callback_data":"de otra app"`:                                    {Rank: message.RankRead},
		`"status":"played"`: {Rank: message.RankRead},
		`"status":"failed","errors":[{"code":131047,"title":"x"}]`:                                                   {Rank: message.RankFailed, Code: 131047, Class: message.Switch},
		`"status":"failed","errors":[{"code":131056}]`:                                                               {Rank: message.RankFailed, Code: 131056, Class: message.Defer, Hold: message.HoldPair},
		`"status":"failed","errors":[{"code":131000}]`:                                                               {Rank: message.RankFailed, Code: 131000, Class: message.Defer},
		`"status":"failed","errors":[{"code":131049}]`:                                                               {Rank: message.RankFailed, Code: 131049, Class: message.Fatal},
		`"status":"failed","errors":[{"code":132999}]`:                                                               {Rank: message.RankFailed, Code: 132999, Class: message.Fatal},
		`"status":"failed","errors":[{"code":250}]`:                                                                  {Rank: message.RankFailed, Code: 250, Class: message.Config, Hold: message.HoldSender},
		`"status":"failed"`:                                                                                          {Rank: message.RankFailed, Class: message.Defer},
		`"status":"failed","errors":[{"code":987654}]`:                                                               {Rank: message.RankFailed, Code: 987654, Class: message.Defer},
		`"status":"delivered","biz_opaque_callback_data":"0190a0b0-1111-7222-8333-444455556666:-4","errors":[]`:      {ID: id, Rank: message.RankDelivered},
		`"status":"accepted","biz_opaque_callback_data":"0190a0b0-1111-7222-8333-444455556666","recipient_id":"521"`: {ID: id, Rank: message.RankAccepted},
	} {
		d, err := whatsapp.Parse([]byte(envelope(`"statuses":[{"id":"wamid.S","timestamp":"1772467195",`+content+`}]`)), phoneID, received)
		if err != nil || len(d.Statuses) != 1 {
			t.Fatalf("%s: %+v %v", content, d, err)
		}
		want.Provider, want.ProviderID, want.At = "whatsapp", "wamid.S", received
		if diff := cmp.Diff(want, d.Statuses[0]); diff != "" {
			t.Errorf("%s: %s", content, diff)
		}
	}
}

// What a person switches off at WhatsApp itself is an aside, never a reply.
func TestPreferences(t *testing.T) {
	t.Parallel()
	body := strings.Replace(envelope(`"user_preferences":[{"wa_id":"5216671234567","category":"marketing_messages","value":"stop","timestamp":1772467195},`+
		`{"wa_id":"5216671234567","value":"resume","timestamp":1772467199},{"value":"stop"},{"wa_id":"521","value":"?"}]`), `"field":"messages"`, `"field":"user_preferences"`, 1)
	d, err := whatsapp.Parse([]byte(body), phoneID, received)
	if err != nil || len(d.Messages) != 2 {
		t.Fatalf("%+v %v", d, err)
	}
	stop, start := d.Messages[0], d.Messages[1]
	if stop.OptOut != "STOP_MARKETING" || start.OptOut != "START_MARKETING" || stop.Kind != message.Aside || stop.ProviderID == start.ProviderID {
		t.Errorf("%+v\n%+v", stop, start)
	}
}

// A message that waited for days at Meta was sent before the question that was
// asked meanwhile: its own time counts. Less than the difference of two clocks
// does not.
func TestLateDeliveryKeepsItsTime(t *testing.T) {
	t.Parallel()
	sent := received.Add(-26 * time.Hour)
	for stamp, want := range map[string]time.Time{
		fmt.Sprintf(`"%d"`, sent.Unix()):                        sent.Add(time.Second),
		fmt.Sprint(sent.Unix()):                                 sent.Add(time.Second),
		fmt.Sprintf(`"%d"`, sent.UnixMilli()):                   sent.Add(time.Second),
		fmt.Sprintf(`"%d"`, received.Add(-time.Minute).Unix()):  received,
		fmt.Sprintf(`"%d"`, received.Add(5*time.Minute).Unix()): received,
		`"ayer"`: received,
		`"-5"`:   received,
		`null`:   received,
	} {
		d, err := whatsapp.Parse([]byte(envelope(`"messages":[{"from":"5216671234567","id":"1","type":"text","timestamp":`+stamp+`}]`)), phoneID, received)
		if err != nil || len(d.Messages) != 1 || !d.Messages[0].ReceivedAt.Equal(want) {
			t.Errorf("%s: %+v, want %s", stamp, d, want)
		}
	}
}

func TestWhatIsNoWebhook(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "[]", "{}", `{"object":"page","entry":[]}`, `{"object":"whatsapp_business_account","entry":[`, "\x00"} {
		if _, err := whatsapp.Parse([]byte(body), phoneID, received); err == nil {
			t.Errorf("%q was taken", body)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(envelope(`"messages":[{"from":"5216671234567","id":"1","type":"text","text":{"body":"hola"}}]`))
	f.Add(envelope(`"statuses":[{"id":"9","status":"failed","errors":[{"code":131026}]}]`))
	f.Add(envelope(`"messages":[{"from_user_id":"MX.1","id":"1","type":"image","image":{"id":"\u0000"}}]`))
	f.Fuzz(func(t *testing.T, body string) {
		d, err := whatsapp.Parse([]byte(body), phoneID, received)
		if err != nil {
			return
		}
		for _, m := range d.Messages {
			if m.ProviderID == "" || m.From.Value == "" || m.Kind == "" || strings.Contains(m.Body+m.Raw+m.From.Value+m.ProfileName, "\x00") {
				t.Errorf("stored %+v", m)
			}
		}
		for _, s := range d.Statuses {
			if s.ProviderID == "" || s.Rank == message.RankNone {
				t.Errorf("recorded %+v", s)
			}
		}
	})
}
