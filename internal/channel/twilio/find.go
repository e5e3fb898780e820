package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
	"valebot/internal/outbox"
)

// maxPages bounds a search. One recipient gets a few messages a day.
const maxPages = 4

// Find implements outbox.Sender: the messages that Twilio has from our sender to
// the same address, made at or after since (to the second) and with the same
// body. For a template the body is Twilio's rendering, so all templates match;
// the caller leaves out those that it has tied to other messages already.
//
// Twilio does not say how soon a message shows up in its list: an empty answer
// right after a send proves nothing.
func (c *Client) Find(ctx context.Context, m message.Outbound, since time.Time) ([]outbox.Sent, error) {
	query := url.Values{"To": {wire(m.To)}, "PageSize": {"50"}}
	if !isService(m.From) {
		query.Set("From", wire(address(m.From, m.To.Channel)))
	}
	form, err := c.form(m)
	if err != nil {
		return nil, &message.SendError{Class: message.Fatal, Err: err}
	}
	wanted := match{body: form.Get("Body"), since: since.Truncate(time.Second)}
	if isService(m.From) {
		wanted.service = m.From
	}
	var found []outbox.Sent
	link := c.messages + "?" + query.Encode()
	for range maxPages {
		page, err := c.page(ctx, link)
		if err != nil {
			return nil, err
		}
		sent, more := wanted.pick(page.Messages)
		found = append(found, sent...)
		if link = c.next(page.NextPageURI); !more || link == "" {
			break
		}
	}
	return found, nil
}

var errNoJSON = errors.New("read list: it is no JSON")

// listing is one page of the Messages resource, newest first.
type listing struct {
	Messages    []reply `json:"messages"`
	NextPageURI string  `json:"next_page_uri"`
}

func (c *Client) page(ctx context.Context, link string) (listing, error) {
	answer, err := c.do(ctx, http.MethodGet, link, nil)
	if err != nil {
		return listing{}, err
	}
	var r reply
	if !answer.OK() {
		_ = json.Unmarshal(answer.Body, &r) // without a code the status alone decides
		return listing{}, refusal(answer.Status, r.Code, channel.RetryAfter(answer.Header))
	}
	var page listing
	if json.Unmarshal(answer.Body, &page) != nil {
		return listing{}, &message.SendError{Class: message.Defer, HTTP: answer.Status, Err: errNoJSON}
	}
	return page, nil
}

// next resolves the path of the following page against our own API, so that a
// list can never send our credentials to another host.
func (c *Client) next(uri string) string {
	if !strings.HasPrefix(uri, "/") || strings.HasPrefix(uri, "//") {
		return ""
	}
	return c.host.Scheme + "://" + c.host.Host + uri
}

// match says which messages of a list are the one that is looked for.
type match struct {
	body    string // empty for a template
	service string // empty where the list was asked for one number
	since   time.Time
}

// pick returns the matching messages, and whether older pages may hold more.
func (w match) pick(messages []reply) (found []outbox.Sent, more bool) {
	for _, r := range messages {
		created, err := time.Parse(time.RFC1123Z, r.DateCreated)
		if err != nil {
			created = w.since // without a date it is new: a message sent twice is worse than one looked at twice
		}
		if created.Before(w.since) {
			return found, false
		}
		if strings.HasPrefix(r.Direction, "outbound") && w.same(r) {
			found = append(found, outbox.Sent{ProviderID: r.SID, Rank: rankOf(word(r.Status)), CreatedAt: created.UTC()})
		}
	}
	return found, len(messages) > 0
}

// trial is what Twilio puts before every body of a trial account.
const trial = "Sent from your Twilio trial account - "

// same compares bodies without outer blanks.
func (w match) same(r reply) bool {
	if w.service != "" && r.Service != w.service {
		return false
	}
	return w.body == "" || strings.TrimSpace(strings.TrimPrefix(r.Body, trial)) == strings.TrimSpace(w.body)
}
