package twilio

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// Limits of what is kept of a message, in characters. Twilio documents 1,600 for
// a body; the rest are ours, against absurd input.
const (
	maxBody  = 1600
	maxName  = 200
	maxMedia = 10
)

// ParseInbound reads the form of an inbound webhook. raw is the body as it came;
// at is the time of receipt. New fields appear without notice, so nothing is
// required but an id and a sender; what is not understood is Unsupported and its
// raw form is kept.
//
// Code: twilio_inbound.
func ParseInbound(form url.Values, raw string, at time.Time) (message.Inbound, error) {
	way := channelOf(form)
	m := message.Inbound{
		Provider:    Provider,
		Account:     channel.Clean(form.Get("AccountSid"), maxName),
		ProviderID:  channel.Clean(first(form, "MessageSid", "SmsMessageSid", "SmsSid"), maxName),
		From:        address(channel.Clean(first(form, "From", "ExternalUserId", "WaId"), maxName), way),
		To:          address(channel.Clean(form.Get("To"), maxName), way),
		Kind:        kindOf(form),
		Body:        channel.Clean(unwrap(form.Get("Body")), maxBody),
		Tap:         channel.Clean(first(form, "ButtonPayload", "ListId"), maxName),
		RepliesTo:   channel.Clean(form.Get("OriginalRepliedMessageSid"), maxName),
		Media:       media(form),
		ProfileName: channel.Clean(form.Get("ProfileName"), maxName),
		OptOut:      strings.ToUpper(channel.Clean(form.Get("OptOutType"), maxName)),
		Raw:         storable(raw, form),
		ReceivedAt:  at,
		UserID:      userID(form),
		Place:       place(form),
		Referral:    referral(form),
		Forwarded:   form.Get("Forwarded") == "true" || form.Get("FrequentlyForwarded") == "true",
	}
	if m.Body == "" {
		m.Body = channel.Clean(first(form, "ButtonText", "ListTitle"), maxBody)
	}
	if m.ProviderID == "" || m.From.Value == "" {
		return message.Inbound{}, fault.New(fault.Invalid, "twilio_inbound", "Al mensaje le falta su identificador o su remitente.")
	}
	return m, nil
}

// channelOf finds WhatsApp by any of its traces, since From may lack its prefix.
func channelOf(form url.Values) message.Channel {
	for _, key := range []string{"From", "To", "ExternalUserId"} {
		if _, ok := cutFold(strings.TrimSpace(form.Get(key)), prefix); ok {
			return message.WhatsApp
		}
	}
	var metadata struct {
		Type string `json:"type"`
	}
	if json.Unmarshal([]byte(form.Get("ChannelMetadata")), &metadata) == nil && metadata.Type == "whatsapp" {
		return message.WhatsApp
	}
	if form.Get("WaId") != "" {
		return message.WhatsApp
	}
	return message.SMS
}

// userID is WhatsApp's own id of the person, without the channel's prefix.
func userID(form url.Values) string {
	id := strings.TrimSpace(form.Get("ExternalUserId"))
	id, _ = cutFold(id, prefix)
	return channel.Clean(id, maxName)
}

// place reads a shared location; nil if there is none, or if it is no place on Earth.
func place(form url.Values) *message.Place {
	lat, err1 := strconv.ParseFloat(form.Get("Latitude"), 64)
	long, err2 := strconv.ParseFloat(form.Get("Longitude"), 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90) || !(long >= -180 && long <= 180) {
		return nil
	}
	return &message.Place{
		Latitude: lat, Longitude: long, Name: channel.Clean(form.Get("Label"), maxName), Address: channel.Clean(form.Get("Address"), maxName),
	}
}

// referral reads the advertisement that a person wrote from; nil if none.
func referral(form url.Values) *message.Referral {
	r := message.Referral{
		Source: channel.Clean(form.Get("ReferralSourceType"), maxName), SourceID: channel.Clean(form.Get("ReferralSourceId"), maxName),
		URL: channel.Clean(form.Get("ReferralSourceUrl"), 2000), Headline: channel.Clean(form.Get("ReferralHeadline"), maxName),
		Body: channel.Clean(form.Get("ReferralBody"), maxBody), ClickID: channel.Clean(form.Get("ReferralCtwaClid"), maxName),
	}
	if r == (message.Referral{}) {
		return nil
	}
	return &r
}

func kindOf(form url.Values) message.Kind {
	switch kind := strings.ToLower(form.Get("MessageType")); {
	case first(form, "ButtonPayload", "ListId") != "":
		return message.Tap
	case form.Get("Latitude") != "" || kind == "location":
		return message.Location
	case kind == "contacts":
		return message.Contact
	case kind == "reaction":
		return message.Aside
	case kind == "sticker" || kind == "order" || kind == "unsupported":
		return message.Unsupported
	case mediaCount(form) > 0:
		return kindOfMedia(form.Get("MediaContentType0"))
	case form.Get("Body") == "" && kind != "" && kind != "text":
		return message.Unsupported
	}
	return message.Text
}

func kindOfMedia(contentType string) message.Kind {
	family, detail, _ := strings.Cut(strings.ToLower(contentType), "/")
	switch {
	case family == "image":
		return message.Photo
	case family == "audio":
		return message.Voice
	case family == "text" && strings.Contains(detail, "vcard"):
		return message.Contact
	case family == "application" || family == "text":
		return message.Document
	}
	return message.Unsupported
}

// mediaCount reads NumMedia, which may be anything.
func mediaCount(form url.Values) int {
	n, err := strconv.Atoi(form.Get("NumMedia"))
	if err != nil || n < 0 {
		return 0
	}
	return min(n, maxMedia)
}

func media(form url.Values) []message.Media {
	var out []message.Media
	for i := range mediaCount(form) {
		n := strconv.Itoa(i)
		if link := channel.Clean(form.Get("MediaUrl"+n), 2000); link != "" {
			out = append(out, message.Media{URL: link, ContentType: channel.Clean(form.Get("MediaContentType"+n), maxName)})
		}
	}
	return out
}

// unwrap undoes a quirk: long messages of several parts now and then arrive as
// Base64. Only a long text without a blank that decodes to a readable text with
// blanks is taken for one.
func unwrap(body string) string {
	if len(body) < 60 || len(body)%4 != 0 {
		return body
	}
	decoded, err := base64.StdEncoding.DecodeString(body)
	if err != nil || !utf8.Valid(decoded) || !strings.Contains(string(decoded), " ") {
		return body
	}
	for _, r := range string(decoded) {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return body
		}
	}
	return string(decoded)
}

// storable returns the raw form, or the same form encoded anew where the raw
// bytes are no text.
func storable(raw string, form url.Values) string {
	if utf8.ValidString(raw) && !strings.Contains(raw, "\x00") {
		return raw
	}
	return form.Encode()
}

// first returns the first value that is not empty.
func first(form url.Values, keys ...string) string {
	for _, k := range keys {
		if v := form.Get(k); v != "" {
			return v
		}
	}
	return ""
}
