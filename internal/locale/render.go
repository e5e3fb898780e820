package locale

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"

	"valebot/internal/message"
	"valebot/internal/source"
)

// Rendered is a message ready for a channel.
type Rendered struct {
	Body      string
	Choices   []message.Choice  // in the order of the file; empty on SMS, where the text names them
	Template  string            // WhatsApp only
	Variables map[string]string // of the template, by position: "1", "2"…
	Secret    bool              // it holds a withdrawal code: not for logs, desk or archives
}

// Render renders message key for a channel. data holds the facts, slots and
// core values by name; stamps among them are shown in zone (UTC when nil). It
// fails on an unknown key, a missing variable or a value of another type; the
// error names the message and never its values.
func (c *Catalog) Render(key string, channel message.Channel, data map[string]any, zone *time.Location) (Rendered, error) {
	m, ok := c.messages[key]
	if !ok {
		return Rendered{}, fmt.Errorf("render %s: there is no such message", key)
	}
	v, parser := m.SMS, c.sms
	if channel == message.WhatsApp {
		v, parser = m.WhatsApp, c.wa
	}
	if v == nil {
		return Rendered{}, fmt.Errorf("render %s: it has no text for %s", key, channel)
	}
	if zone == nil {
		zone = time.UTC
	}
	data, _ = localised(data, zone)
	body, err := c.localizer.Localize(&i18n.LocalizeConfig{MessageID: v.ID, TemplateData: data, TemplateParser: parser})
	if err != nil {
		return Rendered{}, fmt.Errorf("render %s: %w", v.ID, err)
	}
	out := Rendered{Body: body, Secret: v.secret()}
	if channel != message.WhatsApp {
		out.Body = plainSMS(body)
		return out, nil
	}
	out.Choices, out.Template = m.Choices, m.Template
	if m.Template != "" {
		out.Variables, err = v.variables(data)
	}
	return out, err
}

// strictParser parses templates whose missing variables are errors. go-i18n
// keeps what it parsed per message, so each message must always get the same
// parser; sms and wa have different ids, which sees to it.
type strictParser struct{ funcs template.FuncMap }

// Cacheable reports that a parsed template may be kept: it holds no state.
func (p strictParser) Cacheable() bool { return true }

// Parse parses one text.
func (p strictParser) Parse(src, _, _ string) (i18ntemplate.ParsedTemplate, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(p.funcs).Parse(src)
	if err != nil {
		return nil, err
	}
	return compiled{t}, nil
}

type compiled struct{ template *template.Template }

// Execute renders the template.
func (c compiled) Execute(data any) (string, error) {
	var b strings.Builder
	if err := c.template.Execute(&b, data); err != nil {
		return "", err
	}
	return b.String(), nil
}

// bareBraces finds what stands in one pair of braces, or in braces that do not
// pair: a variable in the manner of other tools, which people would read.
var bareBraces = regexp.MustCompile(`(?:^|[^{])(\{[^{}]*\}+|\{\{[^{}]*\}(?:[^}]|$))`)

// parse reads the text's variables and refuses what is more than variables with
// filters: logic belongs to flows.
func (v *Variant) parse(parser strictParser) *source.Problem {
	if name := bareBraces.FindStringSubmatch(v.Text); name != nil {
		p := v.Problem("msg-template", fmt.Sprintf("%q would be read as it stands", strings.TrimSpace(name[1])))
		p.Suggestion = "a variable is written with two braces and a dot, as in {{.vale.monto | pesos}}"
		return &p
	}
	t, err := template.New("").Funcs(parser.funcs).Parse(v.Text)
	if err != nil {
		p := v.Problem("msg-template", templateError(err))
		return &p
	}
	for _, n := range t.Root.Nodes {
		action, ok := n.(*parse.ActionNode)
		if !ok {
			if _, plain := n.(*parse.TextNode); plain {
				continue
			}
			p := v.Problem("msg-template", "messages hold only variables and filters, as in {{.vale.monto | pesos}}")
			return &p
		}
		use, ok := useOf(action.Pipe)
		if !ok {
			p := v.Problem("msg-template", fmt.Sprintf("%s is not a variable with at most one filter, or with plural and two texts", action))
			return &p
		}
		one, err := parser.Parse(action.String(), "", "")
		if err != nil {
			p := v.Problem("msg-template", err.Error())
			return &p
		}
		v.Uses, v.actions = append(v.Uses, use), append(v.actions, one.(compiled))
	}
	return nil
}

// templateError takes the template's own place out of an error: ours is better.
func templateError(err error) string {
	_, text, ok := strings.Cut(err.Error(), ":1: ")
	if !ok {
		return err.Error()
	}
	if name, found := strings.CutPrefix(text, `function "`); found {
		name, _, _ = strings.Cut(name, `"`)
		text = fmt.Sprintf("there is no filter %q", name)
		if near := source.DidYouMean(name, Filters()); near != "" {
			text += "; " + near
		}
	}
	return text
}

func useOf(pipe *parse.PipeNode) (Use, bool) {
	if len(pipe.Decl) > 0 || len(pipe.Cmds) == 0 || len(pipe.Cmds) > 2 || len(pipe.Cmds[0].Args) != 1 {
		return Use{}, false
	}
	field, ok := pipe.Cmds[0].Args[0].(*parse.FieldNode)
	if !ok {
		return Use{}, false
	}
	use := Use{Path: field.Ident}
	if len(pipe.Cmds) == 2 && len(pipe.Cmds[1].Args) == 3 {
		return use.plural(pipe.Cmds[1].Args)
	}
	if len(pipe.Cmds) == 2 {
		name, ok := pipe.Cmds[1].Args[0].(*parse.IdentifierNode)
		if !ok || len(pipe.Cmds[1].Args) != 1 || name.Ident == pluralName {
			return Use{}, false
		}
		use.Filter = name.Ident
	}
	return use, true
}

// Secret reports whether the message shows a withdrawal code.
func (m *Message) Secret() bool {
	return m.SMS != nil && m.SMS.secret() || m.WhatsApp != nil && m.WhatsApp.secret()
}

func (v *Variant) secret() bool {
	for _, u := range v.Uses {
		if u.Filter == "clave" {
			return true
		}
	}
	return false
}

// variables renders the values of the provider's template: the variables of
// the WhatsApp text, in order.
func (v *Variant) variables(data map[string]any) (map[string]string, error) {
	out := make(map[string]string, len(v.actions))
	for i, a := range v.actions {
		s, err := a.Execute(data)
		if err != nil {
			return nil, fmt.Errorf("render %s: %w", v.ID, err)
		}
		out[strconv.Itoa(i+1)] = s
	}
	return out, nil
}

// localised returns data with every stamp moved to the zone, and whether there
// was one; maps without stamps are shared, not copied.
func localised(data map[string]any, zone *time.Location) (map[string]any, bool) {
	out, changed := data, false
	for k, v := range data {
		moved, ok := inZone(v, zone)
		if !ok {
			continue
		}
		if !changed {
			out, changed = maps.Clone(data), true
		}
		out[k] = moved
	}
	return out, changed
}

func inZone(v any, zone *time.Location) (any, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.In(zone), true
	case map[string]any:
		return localised(v, zone)
	default:
		return v, false
	}
}
