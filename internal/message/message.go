// Package message holds what passes between channels and the engine: inbound
// messages, outbound messages, delivery statuses and addresses, in a form that
// belongs to no provider. It decides nothing and does no I/O.
//
// A person is reached at (channel, address). An address is opaque: a WhatsApp
// user may have no phone number at all. Where the address holds a Mexican
// phone, Key folds its spellings (+52, +521, 044) into one.
package message

import (
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Channel is a way to reach a person.
type Channel string

// The channels that adapters speak.
const (
	SMS      Channel = "sms"
	WhatsApp Channel = "whatsapp"
)

// Address is where a person or one of our senders is reached on a channel.
// Value is exactly what the provider gave, without a channel prefix: E.164 for
// phones ("+526671234567", "+5216671234567"), an opaque id otherwise.
type Address struct {
	Channel Channel
	Value   string
}

// Key returns the value under which all spellings of one person's address meet:
// "tel:+52…" for Mexican phones with or without the old mobile 1, "tel:+…" for
// other phones, "sms:…" or "whatsapp:…" plus the opaque id for the rest.
func (a Address) Key() string {
	digits, ok := strings.CutPrefix(a.Value, "+")
	if !ok || !allDigits(digits) {
		return string(a.Channel) + ":" + a.Value
	}
	if len(digits) == 13 && strings.HasPrefix(digits, "521") {
		digits = "52" + digits[3:]
	}
	return "tel:+" + digits
}

// String masks the address, so that a log or an error never holds it whole.
func (a Address) String() string { return string(a.Channel) + ":" + mask(a.Value) }

// LogValue masks the address in structured logs.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }

func mask(s string) string {
	if len(s) <= 4 {
		return "••••"
	}
	return "••••" + s[len(s)-4:]
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// Kind says what an inbound message is made of.
type Kind string

// The kinds that the engine tells apart. Anything that an adapter does not know
// arrives as Unsupported with its raw form, never dropped.
const (
	Text        Kind = "text"
	Tap         Kind = "tap" // a button or a list row that we sent
	Photo       Kind = "photo"
	Voice       Kind = "voice"
	Document    Kind = "document"
	Location    Kind = "location"
	Contact     Kind = "contact"
	Aside       Kind = "aside" // a reaction to, an edit or a revocation of an earlier message: never an answer
	Moved       Kind = "moved" // the person changed numbers (Inbound.MovedTo) or, without one, devices: to be proven anew
	Unsupported Kind = "unsupported"
)

// Media is a file that came with a message. It is not fetched on receipt. Either
// URL or ID is set: some providers give an address, others an id to ask with.
type Media struct {
	URL         string `json:"url,omitempty"`
	ID          string `json:"id,omitempty"`
	ContentType string `json:"content_type"`
	Name        string `json:"name,omitempty"`   // of the file, as the person had it
	SHA256      string `json:"sha256,omitempty"` // as the provider says, in its own spelling; "" if it does not
}

// Place is a location that a person shared.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// Referral is the advertisement that a person wrote from.
type Referral struct {
	Source   string `json:"source,omitempty"` // "ad", "post"
	SourceID string `json:"source_id,omitempty"`
	URL      string `json:"url,omitempty"`
	Headline string `json:"headline,omitempty"`
	Body     string `json:"body,omitempty"`
	ClickID  string `json:"click_id,omitempty"`
}

// Inbound is one message from a person, as an adapter verified and parsed it.
type Inbound struct {
	Provider    string  // "twilio"
	Account     string  // the provider's account that received it
	ProviderID  string  // unique per provider and account; the deduplication key
	From        Address // the person
	To          Address // our sender
	Kind        Kind
	Body        string // NFC is not applied; NUL bytes are removed; at most 1,600 characters
	Tap         string // id of the button tapped: "<question uuid>:<option>" for ours
	RepliesTo   string // provider id of the message answered, where the channel tells
	Media       []Media
	ProfileName string
	OptOut      string // STOP, START or HELP where the provider already acted on it; STOP_MARKETING and START_MARKETING with an Aside
	Raw         string // the provider's own form, kept for repair
	ReceivedAt  time.Time

	UserID    string    `json:",omitempty"` // the channel's own id of the person, where it comes beside a phone
	MovedTo   *Address  `json:",omitempty"` // with Moved: the new address; nil if only the device changed
	Place     *Place    `json:",omitempty"` // with Location
	Referral  *Referral `json:",omitempty"` // nil unless an advertisement led here
	Forwarded bool      `json:",omitempty"` // not written by the person, only passed on
}

// Choice is an answer offered with a question: a button (at most 3), a list row
// (at most 10) or, on SMS, part of the text.
type Choice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// Outbound is one message to a person, rendered for its channel.
type Outbound struct {
	ID        uuid.UUID // our key; comes back in the provider's status callback
	Attempt   int       // 1 for the first hand-over to the provider
	From      string    // our sender: a number or a messaging service
	To        Address
	Body      string
	Choices   []Choice
	Template  string            // provider template, needed outside WhatsApp's 24 h window
	Variables map[string]string // template variables by position, "1"…
	File      *File             // sent with the body as its caption; nil for none
	Lane      Lane
	Segments  int           // SMS segments; 1 elsewhere
	Validity  time.Duration // how long the message is of use from now; 0 = provider's default
}

// File is a picture or a document that goes out with a message.
type File struct {
	Kind Kind   // Photo or Document
	Link string // https address that the provider fetches it from
	Name string // of the file, shown with a document
}

// Lane is the urgency of an outbound message, from the most to the least urgent.
type Lane int16

// The lanes. Codes never wait for the rest; campaigns always do.
const (
	LaneCode     Lane = iota // withdrawal codes and one-time passwords
	LaneReply                // answers to someone who wrote minutes ago
	LaneNotice               // something happened to the person's money or vale
	LaneReminder             // reminders of payment or of an open question
	LaneCampaign             // promotions, with consent only
)

var lanes = [...]string{"code", "reply", "notice", "reminder", "campaign"}

// String returns the lane's lower-case name, as used in metrics and the desk.
func (l Lane) String() string {
	if l < 0 || int(l) >= len(lanes) {
		return "unknown"
	}
	return lanes[l]
}
