package whatsapp

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// Meta's limits, in characters.
const (
	maxText    = 4096
	maxCaption = 1024
)

// listButton opens a list. Meta takes at most 20 characters.
const listButton = "Ver opciones"

type object map[string]any

// body builds the request. Its errors are classed already: nothing was sent.
func (c *Client) body(m message.Outbound) (string, error) {
	if m.To.Channel != message.WhatsApp || m.To.Value == "" {
		return "", fatal("build message: no WhatsApp address")
	}
	out := object{"messaging_product": "whatsapp", "recipient_type": "individual"}
	if digits, phone := strings.CutPrefix(m.To.Value, "+"); phone {
		out["to"] = digits
	} else {
		out["recipient"] = m.To.Value
	}
	if m.ID != uuid.Nil {
		out["biz_opaque_callback_data"] = opaque(m.ID, m.Attempt)
	}
	if err := c.content(out, m); err != nil {
		return "", err
	}
	packed, err := json.Marshal(out)
	if err != nil {
		return "", fatal("encode message")
	}
	return string(packed), nil
}

func fatal(why string) error {
	return &message.SendError{Class: message.Fatal, Err: errors.New(why)}
}

func (c *Client) content(out object, m message.Outbound) error {
	if m.Template != "" {
		return c.template(out, m)
	}
	m = Abilities().Fit(m)
	limit := maxText
	if len(m.Choices) > 0 || m.File != nil {
		limit = maxCaption
	}
	if n := utf8.RuneCountInString(m.Body); n > limit || n == 0 && m.File == nil {
		return fatal("build message: the body is empty or too long")
	}
	switch {
	case m.File != nil:
		return file(out, m)
	case len(m.Choices) > 0:
		out["type"], out["interactive"] = "interactive", interactive(m)
	default:
		out["type"], out["text"] = "text", object{"preview_url": false, "body": m.Body}
	}
	return nil
}

// file sends a picture or a document with the body as its caption.
func file(out object, m message.Outbound) error {
	content := object{"link": m.File.Link}
	if m.Body != "" {
		content["caption"] = m.Body
	}
	switch m.File.Kind {
	case message.Photo:
		out["type"], out["image"] = "image", content
	case message.Document:
		if m.File.Name != "" {
			content["filename"] = m.File.Name
		}
		out["type"], out["document"] = "document", content
	default:
		return fatal("build message: only pictures and documents go out")
	}
	return nil
}

// interactive shows choices that fit as buttons, or as one list.
func interactive(m message.Outbound) object {
	content := object{"body": object{"text": m.Body}}
	if Abilities().AsList(m) {
		rows := make([]object, len(m.Choices))
		for i, choice := range m.Choices {
			rows[i] = object{"id": choice.ID, "title": choice.Label}
		}
		content["type"] = "list"
		content["action"] = object{"button": listButton, "sections": []object{{"rows": rows}}}
		return content
	}
	buttons := make([]object, len(m.Choices))
	for i, choice := range m.Choices {
		buttons[i] = object{"type": "reply", "reply": object{"id": choice.ID, "title": choice.Label}}
	}
	content["type"] = "button"
	content["action"] = object{"buttons": buttons}
	return content
}

// template names an approved template and fills it. One that Meta is known not to
// send is refused here, so that the person is reached another way at once.
func (c *Client) template(out object, m message.Outbound) error {
	name := c.templateName(m.Template)
	known, ok := c.Registry.find(name, c.Language)
	if ok && !known.Sendable() {
		return &message.SendError{Class: message.Switch, Err: errors.New("template is not approved: " + known.Status)}
	}
	content := object{"name": name, "language": object{"code": c.Language}}
	if parts := components(m, known); len(parts) > 0 {
		content["components"] = parts
	}
	out["type"], out["template"] = "template", content
	return nil
}

// components fills a template's body in the order of its variables, and gives its
// buttons the ids of our choices, as many as it was approved with.
func components(m message.Outbound, known channel.Template) []object {
	var parts []object
	if len(m.Variables) > 0 {
		parts = append(parts, object{"type": "body", "parameters": parameters(m.Variables)})
	}
	for i := range min(known.Buttons, len(m.Choices)) {
		parts = append(parts, object{
			"type": "button", "sub_type": "quick_reply", "index": strconv.Itoa(i),
			"parameters": []object{{"type": "payload", "payload": m.Choices[i].ID}},
		})
	}
	if known.Category == "AUTHENTICATION" && known.Buttons == 0 && m.Variables["1"] != "" {
		// The button that copies the code carries it once more.
		parts = append(parts, object{"type": "button", "sub_type": "url", "index": "0", "parameters": parameters(map[string]string{"1": m.Variables["1"]})})
	}
	return parts
}

// parameters are the variables in the order of their numbers. Meta refuses line
// breaks, tabs and more than four blanks in a row inside one.
func parameters(variables map[string]string) []object {
	keys := slices.SortedFunc(maps.Keys(variables), func(a, b string) int {
		x, y := number(a), number(b)
		return x - y
	})
	out := make([]object, len(keys))
	for i, k := range keys {
		out[i] = object{"type": "text", "text": strings.Join(strings.Fields(variables[k]), " ")}
	}
	return out
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 1 << 20 // names come last; positions are all that Meta's templates of ours have
	}
	return n
}
