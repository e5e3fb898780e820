package sandbox

import (
	"slices"
	"strings"
	"sync"
	"time"

	"valebot/internal/gsm7"
	"valebot/internal/message"
)

// Message is one message on a phone.
type Message struct {
	ID      string           `json:"id"`      // SM… or MM…, as on the wire
	Phone   string           `json:"phone"`   // whose phone, E.164
	Mine    bool             `json:"mine"`    // written on this phone
	Channel message.Channel  `json:"channel"` // sms or whatsapp
	Body    string           `json:"body"`
	Choices []message.Choice `json:"choices,omitempty"` // buttons (up to 3) or list rows
	At      time.Time        `json:"at"`                // by the town's clock
	Status  string           `json:"status"`            // sending, sent, delivered, read, failed
	Code    int              `json:"code,omitempty"`    // provider's error, with failed
	Media   string           `json:"media,omitempty"`   // photo, voice, location
	SMS     *smsSize         `json:"sms,omitempty"`
}

// smsSize is what a text costs as SMS.
type smsSize struct {
	Units    int    `json:"units"`
	Per      int    `json:"per"`
	Segments int    `json:"segments"`
	Encoding string `json:"encoding"`
}

func sizeOf(body string) *smsSize {
	m := gsm7.Count(body)
	return &smsSize{m.Units, m.PerSegment * max(1, m.Segments), m.Segments, string(m.Encoding)}
}

// Bounds of what the town remembers.
const (
	maxMessages = 500  // a phone
	maxPhones   = 2000 // beyond them the one longest silent is forgotten
)

type phone struct {
	Person
	channel  message.Channel
	messages []Message
	touched  time.Time
	resident bool
	sending  sync.Mutex // keeps the order in which one thumb sends
}

// town is all phones by their canonical number.
type town struct {
	mu     sync.Mutex
	phones map[string]*phone
	order  []string
}

func newTown(people []Person) *town {
	t := &town{phones: map[string]*phone{}}
	for _, p := range people {
		p.Phone = canonical(p.Phone)
		t.phones[p.Phone] = &phone{Person: p, channel: message.SMS, resident: true}
		t.order = append(t.order, p.Phone)
	}
	return t
}

// canonical folds the spellings of one number: without channel prefix, without
// the old mobile 1.
func canonical(address string) string {
	a := strings.TrimPrefix(address, "whatsapp:")
	if len(a) == 14 && strings.HasPrefix(a, "+521") {
		return "+52" + a[4:]
	}
	return a
}

// at returns a phone, a new one if nobody had that number. The lock is held.
func (t *town) at(number string, now time.Time) *phone {
	p := t.phones[number]
	if p == nil {
		t.evict()
		p = &phone{Person: Person{Phone: number, Name: number, Role: "otro"}, channel: message.SMS}
		t.phones[number] = p
		t.order = append(t.order, number)
	}
	p.touched = now
	return p
}

func (t *town) evict() {
	if len(t.phones) < maxPhones {
		return
	}
	oldest := ""
	for number, p := range t.phones {
		if !p.resident && (oldest == "" || p.touched.Before(t.phones[oldest].touched)) {
			oldest = number
		}
	}
	delete(t.phones, oldest)
	t.order = slices.DeleteFunc(t.order, func(number string) bool { return number == oldest })
}

// thumb returns the lock that keeps what one phone sends in order.
func (t *town) thumb(number string, now time.Time) *sync.Mutex {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &t.at(number, now).sending
}

// add puts a message on its phone.
func (t *town) add(m Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.at(m.Phone, m.At)
	p.messages = append(p.messages, m)
	if len(p.messages) > maxMessages {
		p.messages = slices.Clone(p.messages[len(p.messages)-maxMessages:])
	}
}

// ranks orders statuses: a late "sent" after "delivered" changes nothing.
func rankOf(status string) int {
	return slices.Index([]string{"sending", "sent", "failed", "delivered", "read"}, status)
}

// mark moves a message's status forward and returns it. ok is false if it was
// forgotten or is that far already.
func (t *town) mark(number, id, status string, code int) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.phones[number]
	if p == nil {
		return Message{}, false
	}
	for i := len(p.messages) - 1; i >= 0; i-- {
		m := &p.messages[i]
		if m.ID == id && rankOf(status) > rankOf(m.Status) {
			m.Status, m.Code = status, code
			return *m, true
		}
	}
	return Message{}, false
}

// find returns a message of a phone.
func (t *town) find(number, id string) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.phones[number]; p != nil {
		for _, m := range p.messages {
			if m.ID == id {
				return m, true
			}
		}
	}
	return Message{}, false
}

// use switches the channel that a phone writes on.
func (t *town) use(number string, c message.Channel, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.at(number, now).channel = c
}

// channelOf returns the channel that a phone writes on.
func (t *town) channelOf(number string) message.Channel {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.phones[number]; p != nil {
		return p.channel
	}
	return message.SMS
}

// nameOf returns the WhatsApp profile name of a phone's owner.
func (t *town) nameOf(number string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.phones[number]; p != nil {
		return p.Name
	}
	return ""
}

// view is a phone as the page reads it.
type view struct {
	Phone    string          `json:"phone"`
	Name     string          `json:"name"`
	Role     string          `json:"role"`
	Prefill  string          `json:"prefill,omitempty"`
	Channel  message.Channel `json:"channel"`
	Messages []Message       `json:"messages"`
}

// views returns the first phones, residents first, with their messages.
func (t *town) views(limit int) []view {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := []view{}
	for _, number := range t.order[:min(limit, len(t.order))] {
		p := t.phones[number]
		all = append(all, view{p.Phone, p.Name, p.Role, p.Prefill, p.channel, append([]Message{}, p.messages...)})
	}
	return all
}
