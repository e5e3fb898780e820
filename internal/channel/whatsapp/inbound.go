package whatsapp

import (
	"encoding/json"
	"strings"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// wireMessage is a message as Meta writes it. Only one of the contents is set.
type wireMessage struct {
	From       string    `json:"from"`
	FromUserID string    `json:"from_user_id"`
	ID         string    `json:"id"`
	Timestamp  timestamp `json:"timestamp"`
	Type       string    `json:"type"`
	Context    struct {
		ID         string `json:"id"`
		Forwarded  bool   `json:"forwarded"`
		Frequently bool   `json:"frequently_forwarded"`
	} `json:"context"`
	Text struct {
		Body string `json:"body"`
	} `json:"text"`
	Button struct {
		Payload string `json:"payload"`
		Text    string `json:"text"`
	} `json:"button"`
	Interactive struct {
		Type   string `json:"type"`
		Button choice `json:"button_reply"`
		List   choice `json:"list_reply"`
		Form   struct {
			Body string `json:"body"`
		} `json:"nfm_reply"`
	} `json:"interactive"`
	Image    *wireMedia `json:"image"`
	Audio    *wireMedia `json:"audio"`
	Voice    *wireMedia `json:"voice"`
	Video    *wireMedia `json:"video"`
	Document *wireMedia `json:"document"`
	Sticker  *wireMedia `json:"sticker"`
	Location *struct {
		Latitude  float64 `json:"latitude"`
		Longitude float64 `json:"longitude"`
		Name      string  `json:"name"`
		Address   string  `json:"address"`
	} `json:"location"`
	Reaction struct {
		ID    string `json:"message_id"`
		Emoji string `json:"emoji"`
	} `json:"reaction"`
	System struct {
		Type    string `json:"type"`
		WaID    string `json:"wa_id"`
		NewWaID string `json:"new_wa_id"`
		UserID  string `json:"user_id"`
	} `json:"system"`
	Referral *struct {
		URL      string `json:"source_url"`
		Type     string `json:"source_type"`
		ID       string `json:"source_id"`
		Headline string `json:"headline"`
		Body     string `json:"body"`
		ClickID  string `json:"ctwa_clid"`
	} `json:"referral"`
}

type choice struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type wireMedia struct {
	ID       string `json:"id"`
	Type     string `json:"mime_type"`
	SHA256   string `json:"sha256"`
	Caption  string `json:"caption"`
	Filename string `json:"filename"`
}

// message reads one message; ok is false if it has no id or no sender. The raw
// form is the message itself, with nothing of the others that came with it.
func (v value) message(raw json.RawMessage, at time.Time) (message.Inbound, bool) {
	var w wireMessage
	if err := json.Unmarshal(raw, &w); err != nil {
		// One member of another shape than we know must not cost the message.
		w = bare(raw)
	}
	from := firstOf(w.From, w.FromUserID)
	if w.ID == "" || from == "" {
		return message.Inbound{}, false
	}
	who := v.who(w)
	m := message.Inbound{
		Provider: Provider, Account: v.Metadata.PhoneID, ProviderID: channel.Clean(w.ID, maxName),
		From: address(channel.Clean(from, maxName)), To: v.ours(), Kind: message.Unsupported,
		RepliesTo: channel.Clean(w.Context.ID, maxName), Forwarded: w.Context.Forwarded || w.Context.Frequently,
		ProfileName: channel.Clean(who.Profile.Name, maxName), UserID: channel.Clean(firstOf(w.FromUserID, who.UserID), maxName),
		Raw: strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", ""), ReceivedAt: moment(w.Timestamp, at),
	}
	w.content(&m)
	if r := w.Referral; r != nil {
		m.Referral = &message.Referral{
			Source: channel.Clean(r.Type, maxName), SourceID: channel.Clean(r.ID, maxName), URL: channel.Clean(r.URL, 2000),
			Headline: channel.Clean(r.Headline, maxName), Body: channel.Clean(r.Body, maxBody), ClickID: channel.Clean(r.ClickID, maxName),
		}
	}
	return m, true
}

// bare reads only what every message has.
func bare(raw json.RawMessage) wireMessage {
	var w struct {
		From       string `json:"from"`
		FromUserID string `json:"from_user_id"`
		ID         string `json:"id"`
	}
	_ = json.Unmarshal(raw, &w) // what is missing then is found missing by the caller
	return wireMessage{From: w.From, FromUserID: w.FromUserID, ID: w.ID, Type: "unsupported"}
}

// who finds the sender's contact. A webhook with messages of one person has one.
func (v value) who(w wireMessage) contact {
	for _, c := range v.Contacts {
		if c.WaID != "" && c.WaID == w.From || c.UserID != "" && c.UserID == w.FromUserID {
			return c
		}
	}
	if len(v.Contacts) == 1 && len(v.Messages) == 1 {
		return v.Contacts[0]
	}
	return contact{}
}

// content fills in what the message says. A type that is not known stays
// Unsupported, with its raw form.
func (w wireMessage) content(m *message.Inbound) {
	switch w.Type {
	case "text":
		m.Kind, m.Body = message.Text, channel.Clean(w.Text.Body, maxBody)
	case "button":
		tapped(m, choice{w.Button.Payload, w.Button.Text})
	case "interactive":
		w.answered(m)
	case "image":
		attach(m, message.Photo, w.Image)
	case "audio":
		attach(m, message.Voice, w.Audio)
	case "voice":
		attach(m, message.Voice, w.Voice)
	case "document":
		attach(m, message.Document, w.Document)
	case "video":
		attach(m, message.Unsupported, w.Video)
	case "sticker":
		attach(m, message.Unsupported, w.Sticker)
	case "location":
		w.place(m)
	case "contacts":
		m.Kind = message.Contact
	case "reaction":
		m.Kind, m.Body, m.RepliesTo = message.Aside, channel.Clean(w.Reaction.Emoji, 20), channel.Clean(w.Reaction.ID, maxName)
	case "edit", "revoke", "request_welcome":
		m.Kind = message.Aside
	case "system":
		w.moved(m)
	}
}

// tapped is a choice of ours that came back. One without an id, as buttons of
// old templates have, is what it says.
func tapped(m *message.Inbound, c choice) {
	m.Kind, m.Tap, m.Body = message.Tap, channel.Clean(c.ID, maxName), channel.Clean(c.Title, maxBody)
	if m.Tap == "" {
		m.Kind = message.Text
	}
}

// answered reads the answer to buttons, a list or a form. What a form holds is in
// the raw message alone: it is no reply to a question of a flow.
func (w wireMessage) answered(m *message.Inbound) {
	switch w.Interactive.Type {
	case "button_reply":
		tapped(m, w.Interactive.Button)
	case "list_reply":
		tapped(m, w.Interactive.List)
	case "nfm_reply":
		m.Body = channel.Clean(w.Interactive.Form.Body, maxBody)
	}
}

func attach(m *message.Inbound, kind message.Kind, w *wireMedia) {
	m.Kind = kind
	if w == nil || w.ID == "" {
		m.Kind = message.Unsupported
		return
	}
	m.Body = channel.Clean(w.Caption, maxBody)
	m.Media = []message.Media{{
		ID: channel.Clean(w.ID, maxName), ContentType: channel.Clean(w.Type, maxName), Name: channel.Clean(w.Filename, maxName), SHA256: channel.Clean(w.SHA256, maxName),
	}}
}

func (w wireMessage) place(m *message.Inbound) {
	m.Kind = message.Location
	if l := w.Location; l != nil {
		m.Place = &message.Place{Latitude: l.Latitude, Longitude: l.Longitude, Name: channel.Clean(l.Name, maxName), Address: channel.Clean(l.Address, maxName)}
	}
}

// moved reads what WhatsApp itself tells about the person: another number, or
// another device behind the same one. Either way somebody else may hold the phone.
func (w wireMessage) moved(m *message.Inbound) {
	switch w.System.Type {
	case "user_changed_number", "customer_changed_number":
		m.Kind = message.Moved
		if id := firstOf(w.System.WaID, w.System.NewWaID, w.System.UserID); id != "" {
			to := address(channel.Clean(id, maxName))
			m.MovedTo = &to
		}
	case "customer_identity_changed", "user_identity_changed":
		m.Kind = message.Moved
	default:
		m.Kind = message.Aside
	}
}
