package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/message"
)

// form builds the fields of a send.
func (c *Client) form(m message.Outbound) (url.Values, error) {
	if m.From == "" || m.To.Value == "" {
		return nil, errors.New("build message: sender or recipient is missing")
	}
	form := url.Values{"To": {wire(m.To)}}
	if isService(m.From) {
		form.Set("MessagingServiceSid", m.From)
	} else {
		form.Set("From", wire(address(m.From, m.To.Channel)))
	}
	if c.statusURL != "" && m.ID != uuid.Nil {
		form.Set("StatusCallback", c.callback(m))
	}
	if m.Validity > 0 {
		form.Set("ValidityPeriod", strconv.Itoa(validity(m.Validity)))
	}
	if m.To.Channel == message.SMS {
		// Twilio would rewrite quotes and dashes, but not accents, and not always:
		// what was measured must be what is sent.
		form.Set("SmartEncoded", "false")
	}
	return form, c.content(form, m)
}

// content sets either a body or a Content template with its variables. SMS always
// gets its body, which was measured for it.
func (c *Client) content(form url.Values, m message.Outbound) error {
	sid, variables := c.template(m), m.Variables
	if sid == "" && m.To.Channel == message.WhatsApp && len(m.Choices) > 0 {
		sid, variables = c.buttons[len(m.Choices)], choiceVariables(m)
	}
	switch {
	case sid == "" && m.To.Channel == message.WhatsApp:
		return body(form, message.Abilities{}.Fit(m).Body)
	case sid == "":
		return body(form, m.Body)
	}
	form.Set("ContentSid", sid)
	if len(variables) == 0 {
		return nil
	}
	packed, err := json.Marshal(tidy(variables))
	if err != nil {
		return fmt.Errorf("encode template variables: %w", err)
	}
	form.Set("ContentVariables", string(packed))
	return nil
}

// maxText is Twilio's limit for a body, in characters.
const maxText = 1600

func body(form url.Values, text string) error {
	if n := utf8.RuneCountInString(text); n > maxText {
		return errors.New("build message: the body is too long")
	}
	form.Set("Body", text)
	return nil
}

// template returns the Content SID of the message's template, or "".
func (c *Client) template(m message.Outbound) string {
	if m.To.Channel != message.WhatsApp {
		return ""
	}
	if strings.HasPrefix(m.Template, "HX") {
		return m.Template
	}
	return c.templates[m.Template]
}

// callback is the status URL with our id and attempt, which Twilio repeats: the
// only thing that ties a send whose answer was lost to its message.
func (c *Client) callback(m message.Outbound) string {
	return c.statusURL + "?" + url.Values{paramMessage: {m.ID.String()}, paramAttempt: {strconv.Itoa(m.Attempt)}}.Encode()
}

// validity rounds down to seconds, so that a message never outlives its use.
func validity(d time.Duration) int {
	return min(max(int(d/time.Second), 1), maxValidity)
}

func isService(sender string) bool { return strings.HasPrefix(sender, "MG") }

func choiceVariables(m message.Outbound) map[string]string {
	variables := map[string]string{"1": m.Body}
	for i, choice := range m.Choices {
		variables[strconv.Itoa(2*i+2)] = choice.Label
		variables[strconv.Itoa(2*i+3)] = choice.ID
	}
	return variables
}

// tidy makes variables acceptable: WhatsApp refuses line breaks, tabs and more
// than four blanks in a row inside one.
func tidy(variables map[string]string) map[string]string {
	out := make(map[string]string, len(variables))
	for k, v := range variables {
		out[k] = strings.Join(strings.Fields(v), " ")
	}
	return out
}
