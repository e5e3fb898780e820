package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// Listed is what Twilio's own list says happened: messages from people, and how
// ours stand.
type Listed struct {
	Inbound  []message.Inbound
	Statuses []message.Status
}

// maxListed bounds one reading, in pages of 1,000.
const maxListed = 50

// Since reads the list of messages sent or received at or after from: what
// webhooks brought is in it again, and what they lost. Twilio tries a webhook a
// few times within 15 seconds and then no more.
//
// A listed message has no button, no reply-to and no address of its files; those
// of a lost webhook are lost. Its body is there.
func (c *Client) Since(ctx context.Context, from, at time.Time) (Listed, error) {
	var all Listed
	query := url.Values{"DateSent>": {from.UTC().Format(time.RFC3339)}, "PageSize": {"1000"}}
	link := c.messages + "?" + query.Encode()
	for range maxListed {
		page, err := c.rawPage(ctx, link)
		if err != nil {
			return Listed{}, fmt.Errorf("read list: %w", err)
		}
		for _, raw := range page.Messages {
			all.add(raw, at)
		}
		if link = c.next(page.NextPageURI); link == "" {
			break
		}
	}
	return all, nil
}

// rawListing is a page whose messages are kept as they came.
type rawListing struct {
	Messages    []json.RawMessage `json:"messages"`
	NextPageURI string            `json:"next_page_uri"`
}

func (c *Client) rawPage(ctx context.Context, link string) (page rawListing, err error) {
	answer, err := c.do(ctx, http.MethodGet, link, nil)
	if err != nil {
		return page, err
	}
	var r reply
	if !answer.OK() {
		_ = json.Unmarshal(answer.Body, &r) // without a code the status alone decides
		return page, refusal(answer.Status, r.Code, channel.RetryAfter(answer.Header))
	}
	if json.Unmarshal(answer.Body, &page) != nil {
		return page, &message.SendError{Class: message.Defer, HTTP: answer.Status, Err: errNoJSON}
	}
	return page, nil
}

// listed is a message as the list shows it.
type listed struct {
	SID       string `json:"sid"`
	Account   string `json:"account_sid"`
	From      string `json:"from"`
	To        string `json:"to"`
	Body      string `json:"body"`
	Status    string `json:"status"`
	Direction string `json:"direction"`
	ErrorCode *int   `json:"error_code"`
	NumMedia  string `json:"num_media"`
	Created   string `json:"date_created"`
}

// add takes one message of the list; what cannot be read is passed over.
func (l *Listed) add(raw json.RawMessage, at time.Time) {
	var w listed
	if json.Unmarshal(raw, &w) != nil || w.SID == "" {
		return
	}
	if w.Direction != "inbound" {
		s := message.Status{Provider: Provider, ProviderID: w.SID, Rank: rankOf(w.Status), At: at}
		if s.Rank == message.RankFailed {
			if w.ErrorCode != nil {
				s.Code = *w.ErrorCode
			}
			s.Class, s.Hold = failed(s.Code)
		}
		if s.Rank != message.RankNone {
			l.Statuses = append(l.Statuses, s)
		}
		return
	}
	form := url.Values{"MessageSid": {w.SID}, "AccountSid": {w.Account}, "From": {w.From}, "To": {w.To}, "Body": {w.Body}}
	m, err := ParseInbound(form, string(raw), moment(w.Created, at))
	if err != nil {
		return
	}
	if n, err := strconv.Atoi(w.NumMedia); err == nil && n > 0 {
		m.Kind = message.Unsupported // what it was is not told here
	}
	l.Inbound = append(l.Inbound, m)
}

// moment is when a listed message came in: its own time, since the list is read
// late; to the second, which has passed by its end.
func moment(created string, at time.Time) time.Time {
	t, err := time.Parse(time.RFC1123Z, created)
	if err != nil || t.After(at) {
		return at
	}
	return t.Add(time.Second).UTC()
}
