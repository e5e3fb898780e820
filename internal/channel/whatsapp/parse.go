package whatsapp

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/fault"
	"valebot/internal/message"
)

// Limits of what is kept of a message, in characters.
const (
	maxBody = 4096 // Meta's for a text
	maxName = 300
)

// late is how old a message may be on arrival before its own time counts: less
// is the difference of two clocks, more is a delivery that was tried again.
const late = 2 * time.Minute

// Delivery is what one webhook brought. One POST may carry much, of several
// numbers.
type Delivery struct {
	Messages  []message.Inbound
	Statuses  []message.Status
	Templates []Change
	Foreign   int      // changes for numbers that are not ours
	Broken    int      // messages and statuses without what they need; they are passed over
	Notices   []string // other changes by field and event, for the log: "account_update VERIFIED_ACCOUNT"
}

// Change is something that Meta decided about a template.
type Change struct {
	Name, Language string
	Status         string // APPROVED, PAUSED…; "" if that did not change
	Quality        string // GREEN, YELLOW, RED, UNKNOWN; "" if that did not change
	Category       string // UTILITY, MARKETING, AUTHENTICATION; "" if that did not change
}

type envelope struct {
	Object string `json:"object"`
	Entry  []struct {
		Changes []struct {
			Field string          `json:"field"`
			Value json.RawMessage `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

// Parse reads the body of a webhook for one of our numbers, by its phone number
// id; "" takes all. at is the time of receipt. It fails only on what is no webhook
// of WhatsApp at all; what it does not know it counts.
//
// Code: whatsapp_webhook.
func Parse(body []byte, phoneID string, at time.Time) (Delivery, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil || e.Object != "whatsapp_business_account" {
		return Delivery{}, fault.New(fault.Invalid, "whatsapp_webhook", "No es un aviso de WhatsApp.")
	}
	var d Delivery
	for _, entry := range e.Entry {
		for _, change := range entry.Changes {
			d.take(change.Field, change.Value, phoneID, at)
		}
	}
	return d, nil
}

func (d *Delivery) take(field string, raw json.RawMessage, phoneID string, at time.Time) {
	switch field {
	case "messages", "user_preferences":
		var v value
		if json.Unmarshal(raw, &v) != nil {
			d.Broken++
			return
		}
		if phoneID != "" && v.Metadata.PhoneID != phoneID {
			d.Foreign++
			return
		}
		d.read(v, at)
	case "message_template_status_update", "message_template_quality_update", "template_category_update":
		d.template(raw)
	default:
		var v struct {
			Event string `json:"event"`
		}
		_ = json.Unmarshal(raw, &v) // without an event the field alone is told
		d.Notices = append(d.Notices, strings.TrimSpace(channel.Clean(field, 60)+" "+channel.Clean(v.Event, 60)))
	}
}

// value is the content of a change of the field "messages".
type value struct {
	Metadata struct {
		Display string `json:"display_phone_number"`
		PhoneID string `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts    []contact         `json:"contacts"`
	Messages    []json.RawMessage `json:"messages"`
	Statuses    []json.RawMessage `json:"statuses"`
	Preferences []preference      `json:"user_preferences"`
	Errors      []wireError       `json:"errors"`
}

type contact struct {
	WaID    string `json:"wa_id"`
	UserID  string `json:"user_id"`
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`
}

type preference struct {
	WaID      string    `json:"wa_id"`
	UserID    string    `json:"user_id"`
	Category  string    `json:"category"`
	Value     string    `json:"value"`
	Timestamp timestamp `json:"timestamp"`
}

type wireError struct {
	Code int `json:"code"`
}

// timestamp is a string or a number, of seconds or of milliseconds.
type timestamp string

// UnmarshalJSON takes both spellings.
func (t *timestamp) UnmarshalJSON(b []byte) error {
	*t = timestamp(strings.Trim(string(b), `"`))
	return nil
}

// time returns the moment, or zero if it says none.
func (t timestamp) time() time.Time {
	n, err := strconv.ParseInt(string(t), 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}
	case n > 100_000_000_000: // no second before the year 5138
		return time.UnixMilli(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}

func (d *Delivery) read(v value, at time.Time) {
	for _, raw := range v.Messages {
		m, ok := v.message(raw, at)
		if !ok {
			d.Broken++
			continue
		}
		d.Messages = append(d.Messages, m)
	}
	for _, raw := range v.Statuses {
		s, ok := statusOf(raw, at)
		if !ok {
			d.Broken++
			continue
		}
		if s.Rank != message.RankNone {
			d.Statuses = append(d.Statuses, s)
		}
	}
	for _, p := range v.Preferences {
		if m, ok := v.preference(p, at); ok {
			d.Messages = append(d.Messages, m)
		}
	}
	for _, e := range v.Errors {
		d.Notices = append(d.Notices, "error "+strconv.Itoa(e.Code))
	}
}

// preference is a person's word about marketing, as the channel's own switch
// says it. It is no message, and no conversation hears it as one.
func (v value) preference(p preference, at time.Time) (message.Inbound, bool) {
	from := firstOf(p.WaID, p.UserID)
	word := map[string]string{"stop": "STOP_MARKETING", "resume": "START_MARKETING"}[strings.ToLower(p.Value)]
	if from == "" || word == "" {
		return message.Inbound{}, false
	}
	return message.Inbound{
		Provider: Provider, Account: v.Metadata.PhoneID, ProviderID: channel.Clean("preference:"+from+":"+string(p.Timestamp), maxName),
		From: address(channel.Clean(from, maxName)), To: v.ours(), Kind: message.Aside, OptOut: word, UserID: channel.Clean(p.UserID, maxName),
		ReceivedAt: moment(p.Timestamp, at),
	}, true
}

// ours is our own number in a change.
func (v value) ours() message.Address {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, v.Metadata.Display)
	return address(digits)
}

// moment is when something counts as received: on arrival, unless it was sent
// long before and delivered late.
func moment(t timestamp, at time.Time) time.Time {
	sent := t.time()
	if sent.IsZero() || at.Sub(sent) < late {
		return at
	}
	return sent.Add(time.Second) // the second that it was cut to has passed
}

func statusOf(raw json.RawMessage, at time.Time) (message.Status, bool) {
	var w struct {
		ID      string      `json:"id"`
		Status  string      `json:"status"`
		Opaque  string      `json:"biz_opaque_callback_data"`
		Errors  []wireError `json:"errors"`
		Pricing struct {
			Category string `json:"category"`
		} `json:"pricing"`
	}
	if json.Unmarshal(raw, &w) != nil || w.ID == "" {
		return message.Status{}, false
	}
	s := message.Status{
		Provider: Provider, ProviderID: channel.Clean(w.ID, maxName), Rank: rankOf(w.Status),
		Category: channel.Clean(strings.ToLower(w.Pricing.Category), 40), At: at,
	}
	s.ID, s.Attempt = readOpaque(w.Opaque)
	if s.Rank == message.RankFailed {
		s.Class = message.Defer // Meta does not say why
		if len(w.Errors) > 0 {
			r := judge(w.Errors[0].Code)
			s.Code, s.Class, s.Hold = w.Errors[0].Code, failed(r.class), r.hold
		}
	}
	return s, true
}

// failed is the class of a code that came in a status. The message was processed
// then, so neither "not processed" nor "nobody knows" can be true: it may be
// tried again later.
func failed(c message.Class) message.Class {
	if c == message.Safe || c == message.Ambiguous {
		return message.Defer
	}
	return c
}

func rankOf(status string) message.Rank {
	switch strings.ToLower(status) {
	case "accepted":
		return message.RankAccepted
	case "sent":
		return message.RankSent
	case "delivered":
		return message.RankDelivered
	case "read", "played":
		return message.RankRead
	case "failed":
		return message.RankFailed
	}
	return message.RankNone // deleted, and what may come: it moves nothing
}

// opaque is what every status of a message repeats: our id and which hand-over.
func opaque(id uuid.UUID, attempt int) string { return id.String() + ":" + strconv.Itoa(attempt) }

func readOpaque(s string) (uuid.UUID, int) {
	text, count, _ := strings.Cut(s, ":")
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, 0
	}
	attempt, err := strconv.Atoi(count)
	if err != nil || attempt < 0 || attempt >= 1000 {
		attempt = 0
	}
	return id, attempt
}

// template reads what Meta tells of a template under any of three fields.
func (d *Delivery) template(raw json.RawMessage) {
	var w struct {
		Name     string `json:"message_template_name"`
		Language string `json:"message_template_language"`
		Event    string `json:"event"`
		Quality  string `json:"new_quality_score"`
		Category string `json:"new_category"`
	}
	if json.Unmarshal(raw, &w) != nil || w.Name == "" {
		d.Broken++
		return
	}
	d.Templates = append(d.Templates, Change{
		Name: channel.Clean(w.Name, maxName), Language: channel.Clean(w.Language, 20), Status: upper(w.Event), Quality: upper(w.Quality), Category: upper(w.Category),
	})
}

func upper(s string) string { return strings.ToUpper(channel.Clean(s, 40)) }

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
