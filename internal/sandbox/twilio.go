package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"valebot/internal/gsm7"
	"valebot/internal/message"
)

// Paths of the server's webhooks, below its public URL.
const (
	pathInbound  = "/webhooks/twilio/inbound"
	pathStatus   = "/webhooks/twilio/status"
	pathATM      = "/webhooks/atm"
	pathSPEI     = "/webhooks/spei"
	pathPayments = "/webhooks/payments"
)

// maxRecent is how many messages the REST list goes back.
const maxRecent = 20000

// Twilio is the stand-in of api.twilio.com: its Messages resource. What it takes
// appears on a phone, and its statuses go to the message's callback. Each handler
// lists only what it took itself.
func (s *Sandbox) Twilio() http.Handler {
	var mu sync.Mutex
	past := recent{size: maxRecent}
	keep := func(t Text) {
		mu.Lock()
		defer mu.Unlock()
		past.add(t)
	}
	tell := func(t Text, status string, code int) {
		mu.Lock()
		past.mark(t.SID, status, code)
		mu.Unlock()
		s.status(t, status, code)
	}
	c := &carrier{
		account: s.TwilioAccount, token: s.TwilioToken, templates: s.Templates,
		now: s.Clock.Now, menu: s.menu, sleep: s.sleep,
		take: func(t Text) {
			keep(t)
			s.show(t)
			s.early(t)
			s.run(func() { s.live(t, tell) })
		},
		lost: keep,
		find: func(to, from string) []Text {
			mu.Lock()
			defer mu.Unlock()
			return past.find(to, from)
		},
	}
	return c.handler()
}

// show puts a message from the server on its phone.
func (s *Sandbox) show(t Text) {
	m := Message{
		ID: t.SID, Phone: canonical(t.To), Channel: channelOf(t.To), Body: t.Body,
		Choices: t.Choices, At: t.At, Status: "sent",
	}
	if m.Channel == message.SMS {
		m.SMS = sizeOf(t.Body)
	}
	s.phones.add(m)
	s.feed.publish("message", m.Phone, m)
}

func channelOf(address string) message.Channel {
	if strings.HasPrefix(address, "whatsapp:") {
		return message.WhatsApp
	}
	return message.SMS
}

// step is one delivery status, with the error code that it brings.
type step struct {
	status string
	code   int
}

// fate is what becomes of a message after it was taken.
func (s *Sandbox) fate(t Text) []step {
	whatsapp := channelOf(t.To) == message.WhatsApp
	switch {
	case s.menu.take(TwilioUnreached):
		if t.Via == viaCloud {
			return []step{{"failed", 131026}}
		}
		return []step{{"sent", 0}, {"undelivered", 30003}}
	case whatsapp && s.menu.take(TwilioWindow):
		return []step{{"failed", closedCode(t)}}
	case s.menu.take(StatusRevived):
		return []step{{"sent", 0}, {"failed", 0}, {"delivered", 0}}
	case s.menu.take(StatusDisordered):
		return []step{{"delivered", 0}, {"sent", 0}}
	case whatsapp:
		return []step{{"sent", 0}, {"delivered", 0}, {"read", 0}}
	}
	return []step{{"sent", 0}, {"delivered", 0}}
}

// closedCode is how a provider says that WhatsApp's window was closed.
func closedCode(t Text) int {
	if t.Via == viaCloud {
		return 131047
	}
	return 63016
}

// live tells a message's statuses, one after the other.
func (s *Sandbox) live(t Text, tell func(Text, string, int)) {
	silent, twice := s.menu.take(StatusLost), s.menu.take(StatusTwice)
	for _, at := range s.fate(t) {
		if !s.sleep(s.Delays.Status) {
			return
		}
		s.tick(t, at.status, at.code)
		if silent {
			continue
		}
		tell(t, at.status, at.code)
		if twice {
			tell(t, at.status, at.code)
		}
	}
}

// tick shows on the phone how far a message came.
func (s *Sandbox) tick(t Text, status string, code int) {
	if status == "undelivered" {
		status = "failed"
	}
	if m, ok := s.phones.mark(canonical(t.To), t.SID, status, code); ok {
		s.feed.publish("status", m.Phone, m)
	}
}

// status delivers a status callback.
func (s *Sandbox) status(t Text, status string, code int) {
	switch t.Via {
	case viaCloud:
		s.cloudStatus(t, status, code)
		return
	case viaGateway:
		s.gatewayStatus(t, status, code)
		return
	}
	if t.Callback == "" {
		return
	}
	form := url.Values{
		"MessageSid": {t.SID}, "SmsSid": {t.SID}, "MessageStatus": {status}, "SmsStatus": {status},
		"To": {t.To}, "From": {s.from(t)}, "AccountSid": {s.TwilioAccount}, "ApiVersion": {"2010-04-01"},
	}
	if t.Service != "" {
		form.Set("MessagingServiceSid", t.Service)
	}
	if code != 0 {
		form.Set("ErrorCode", strconv.Itoa(code))
	}
	if channelOf(t.To) == message.WhatsApp {
		form.Set("ChannelPrefix", "whatsapp")
		form.Set("EventType", strings.ToUpper(status))
	}
	s.persist(func() bool { return s.postTwilio(t.Callback, form) })
}

// from is the number that a message left from, whether it was named or picked.
func (s *Sandbox) from(t Text) string {
	if t.From != "" {
		return t.From
	}
	if channelOf(t.To) == message.WhatsApp {
		return "whatsapp:" + s.Sender
	}
	return s.Sender
}

// Draft is what somebody types or taps on a phone.
type Draft struct {
	Text     string          `json:"text"`
	Channel  message.Channel `json:"channel"`    // "" is what the phone uses
	Tap      string          `json:"tap"`        // id of the button or row tapped
	Label    string          `json:"label"`      // what was written on it
	RepliesA string          `json:"replies_to"` // id of the message answered; set with Tap
	Media    string          `json:"media"`      // photo, voice or location
}

// Type sends a message from a phone and returns it with the status that the
// first delivery of its webhook had. If that failed it is delivered again, as
// Twilio would, after Type has returned.
func (s *Sandbox) Type(number string, d Draft) Message {
	number = canonical(number)
	thumb := s.phones.thumb(number, s.Clock.Now())
	thumb.Lock()
	defer thumb.Unlock()
	if d.Channel == "" {
		d.Channel = s.phones.channelOf(number)
	}
	m := Message{
		ID: s.idFor(d.Channel), Phone: number, Mine: true, Channel: d.Channel, Body: d.Text,
		At: s.Clock.Now(), Status: "sending", Media: d.Media,
	}
	if d.Tap != "" {
		m.Body = d.Label
	}
	if m.Channel == message.SMS {
		m.SMS = sizeOf(m.Body)
	}
	s.phones.add(m)
	s.feed.publish("message", number, m)
	hook := s.hookOf(m, d)
	deliver := func() bool { return s.deliver(hook) }
	now, after := s.disturb(hook, m)
	defer after()
	if !now {
		return m
	}
	if deliver() {
		return s.arrived(m, "delivered")
	}
	s.run(func() {
		if s.sleep(s.firstWait()) && s.persist(deliver) {
			s.arrived(m, "delivered")
			return
		}
		s.arrived(m, "failed")
	})
	return m
}

// idFor makes the id of a message as the channel's provider would.
func (s *Sandbox) idFor(c message.Channel) string {
	switch {
	case s.byGateway(c):
		return sid("g")
	case s.byCloud(c):
		return wamid()
	}
	return sid("SM")
}

// hookOf is the webhook of a phone's message, by the channel's provider.
func (s *Sandbox) hookOf(m Message, d Draft) webhook {
	switch {
	case s.byGateway(m.Channel):
		return s.gatewayHook(s.gatewayInbound(m, d))
	case s.byCloud(m.Channel):
		return s.cloudHook(s.cloudInbound(m, d))
	}
	return s.twilioHook(s.PublicURL+pathInbound, s.inbound(m, d))
}

// firstWait is the first wait before a webhook is delivered again.
func (s *Sandbox) firstWait() time.Duration {
	if len(s.Retry) == 0 {
		return 0
	}
	return s.Retry[0]
}

func (s *Sandbox) arrived(m Message, status string) Message {
	if got, ok := s.phones.mark(m.Phone, m.ID, status, 0); ok {
		s.feed.publish("status", m.Phone, got)
		return got
	}
	return m
}

// inbound is the form of an inbound webhook.
func (s *Sandbox) inbound(m Message, d Draft) url.Values {
	form := url.Values{
		"MessageSid": {m.ID}, "SmsSid": {m.ID}, "SmsMessageSid": {m.ID}, "AccountSid": {s.TwilioAccount},
		"ApiVersion": {"2010-04-01"}, "SmsStatus": {"received"}, "Body": {m.Body}, "NumMedia": {"0"}, "NumSegments": {"1"},
		"From": {m.Phone}, "To": {s.Sender},
	}
	if m.Channel == message.SMS {
		form.Set("NumSegments", strconv.Itoa(gsm7.Count(m.Body).Segments))
		for _, name := range []string{"FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"} {
			form.Set(name, "") // Twilio signs and sends them empty for Mexico
		}
		form.Set("FromCountry", "MX")
		form.Set("ToCountry", "MX")
	} else {
		s.inboundWhatsApp(form, m, d)
	}
	s.addMedia(form, d.Media, m.ID)
	return form
}

func (s *Sandbox) inboundWhatsApp(form url.Values, m Message, d Draft) {
	wa := m.Phone
	if ten, mexican := strings.CutPrefix(wa, "+52"); mexican && len(ten) == 10 {
		wa = "+521" + ten // how WhatsApp still writes Mexican mobiles
	}
	form.Set("From", "whatsapp:"+wa)
	form.Set("To", "whatsapp:"+s.Sender)
	form.Set("WaId", strings.TrimPrefix(wa, "+"))
	form.Set("ProfileName", s.phones.nameOf(m.Phone))
	form.Set("MessageType", "text")
	if d.Tap == "" {
		return
	}
	form.Set("OriginalRepliedMessageSid", d.RepliesA)
	form.Set("OriginalRepliedMessageSender", "whatsapp:"+s.Sender)
	if asked, ok := s.phones.find(m.Phone, d.RepliesA); ok && len(asked.Choices) > 3 {
		form.Set("MessageType", "interactive")
		form.Set("ListId", d.Tap)
		form.Set("ListTitle", d.Label)
		return
	}
	form.Set("MessageType", "button")
	form.Set("ButtonPayload", d.Tap)
	form.Set("ButtonText", d.Label)
	form.Set("ButtonType", "REPLY")
}

// addMedia attaches what the phone sent besides text.
func (s *Sandbox) addMedia(form url.Values, media, id string) {
	base := "https://api.twilio.com"
	if s.Base != "" {
		base = s.Base + "/twilio"
	}
	switch kind, file := mediaTypes[media]; {
	case file:
		form.Set("NumMedia", "1")
		form.Set("MediaContentType0", kind)
		form.Set("MediaUrl0", base+"/2010-04-01/Accounts/"+s.TwilioAccount+"/Messages/"+id+"/Media/ME"+media+id[2:])
	case media == "location":
		form.Set("MessageType", "location")
		form.Set("Latitude", "24.8091")
		form.Set("Longitude", "-107.3940")
	}
}
