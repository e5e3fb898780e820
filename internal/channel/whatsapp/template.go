package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"valebot/internal/channel"
	"valebot/internal/message"
)

// Templates keeps the registry between runs and shares it between nodes.
type Templates interface {
	// SaveTemplates puts the templates in place of what was known of them. With
	// all, those that are not among them are forgotten.
	SaveTemplates(ctx context.Context, at time.Time, templates []channel.Template, all bool) error
	// Templates returns all that are known.
	Templates(ctx context.Context) ([]channel.Template, error)
}

// Registry knows the state of each template: what cannot be sent is refused before
// Meta is asked. It is safe for concurrent use; a nil Registry knows nothing.
type Registry struct {
	store Templates
	now   func() time.Time
	mu    sync.RWMutex
	known map[string]channel.Template
}

// NewRegistry returns a Registry over a store. It is empty until Load or Sync.
func NewRegistry(store Templates, now func() time.Time) *Registry {
	return &Registry{store: store, now: now, known: map[string]channel.Template{}}
}

func keyOf(name, language string) string { return name + "/" + strings.ToLower(language) }

// find returns what is known of a template; ok is false for nothing.
func (r *Registry) find(name, language string) (channel.Template, bool) {
	if r == nil {
		return channel.Template{}, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	t, ok := r.known[keyOf(name, language)]
	return t, ok
}

// suspect holds a template back that Meta just refused, until the next Load or
// Sync tells how it stands.
func (r *Registry) suspect(name, language string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.known[keyOf(name, language)]
	t.Name, t.Language, t.Status = name, language, "REFUSED"
	r.known[keyOf(name, language)] = t
}

// Load reads what the store knows, which other nodes may have changed.
func (r *Registry) Load(ctx context.Context) error {
	all, err := r.store.Templates(ctx)
	if err != nil {
		return fmt.Errorf("load templates: %w", err)
	}
	r.replace(all)
	return nil
}

func (r *Registry) replace(all []channel.Template) {
	known := make(map[string]channel.Template, len(all))
	for _, t := range all {
		known[keyOf(t.Name, t.Language)] = t
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = known
}

// Apply stores what webhooks tell of templates and keeps it in mind. A template
// that nobody knew yet becomes known by it.
func (r *Registry) Apply(ctx context.Context, changes []Change) error {
	var changed []channel.Template
	for _, c := range changes {
		t, _ := r.find(c.Name, c.Language)
		if i := slices.IndexFunc(changed, func(x channel.Template) bool { return x.Name == c.Name && x.Language == c.Language }); i >= 0 {
			t = changed[i] // two changes of one template in one webhook
			changed = slices.Delete(changed, i, i+1)
		}
		changed = append(changed, c.over(t))
	}
	if len(changed) == 0 {
		return nil
	}
	if err := r.store.SaveTemplates(ctx, r.now(), changed, false); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range changed {
		r.known[keyOf(t.Name, t.Language)] = t
	}
	return nil
}

// over is the template after the change.
func (c Change) over(t channel.Template) channel.Template {
	t.Name, t.Language = c.Name, c.Language
	t.Status = firstOf(c.Status, t.Status)
	t.Quality = firstOf(c.Quality, t.Quality)
	t.Category = firstOf(c.Category, t.Category)
	return t
}

// Sync asks Meta for all templates of the account, stores them and returns how
// many there are. A category that Meta changed shows here even if its webhook was lost.
func (r *Registry) Sync(ctx context.Context, c *Client) (int, error) {
	all, err := c.templates(ctx)
	if err != nil {
		return 0, fmt.Errorf("list templates: %w", err)
	}
	if err := r.store.SaveTemplates(ctx, r.now(), all, true); err != nil {
		return 0, fmt.Errorf("save templates: %w", err)
	}
	r.replace(all)
	return len(all), nil
}

// maxTemplatePages bounds the list: Meta allows 6,000 templates an account.
const maxTemplatePages = 64

type templatePage struct {
	Data []struct {
		Name     string `json:"name"`
		Language string `json:"language"`
		Status   string `json:"status"`
		Category string `json:"category"`
		Quality  struct {
			Score string `json:"score"`
		} `json:"quality_score"`
		Components []struct {
			Type    string `json:"type"`
			Text    string `json:"text"`
			Buttons []struct {
				Type string `json:"type"`
			} `json:"buttons"`
		} `json:"components"`
	} `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// templates lists the account's templates. The cursor alone is taken from a page,
// never its address, so that a list cannot send our token elsewhere.
func (c *Client) templates(ctx context.Context) ([]channel.Template, error) {
	if c.AccountID == "" {
		return nil, &message.SendError{Class: message.Config, Err: errors.New("no business account configured")}
	}
	var all []channel.Template
	query := url.Values{"fields": {"name,language,status,category,quality_score,components"}, "limit": {"100"}}
	for range maxTemplatePages {
		answer, err := c.do(ctx, http.MethodGet, c.API+"/"+c.AccountID+"/message_templates?"+query.Encode(), "")
		if err != nil {
			return nil, err
		}
		var r reply
		var page templatePage
		if !answer.OK() {
			_ = json.Unmarshal(answer.Body, &r) // without a code the status alone decides
			return nil, c.refused(message.Outbound{}, answer, r)
		}
		if json.Unmarshal(answer.Body, &page) != nil {
			return nil, &message.SendError{Class: message.Defer, HTTP: answer.Status, Err: errors.New("read templates: it is no JSON")}
		}
		all = append(all, page.read()...)
		if page.Paging.Next == "" || page.Paging.Cursors.After == "" {
			break
		}
		query.Set("after", page.Paging.Cursors.After)
	}
	return all, nil
}

func (p templatePage) read() []channel.Template {
	out := make([]channel.Template, 0, len(p.Data))
	for _, d := range p.Data {
		t := channel.Template{
			Name: channel.Clean(d.Name, maxName), Language: channel.Clean(d.Language, 20), Status: upper(d.Status),
			Category: upper(d.Category), Quality: upper(firstOf(d.Quality.Score, "UNKNOWN")),
		}
		for _, part := range d.Components {
			switch strings.ToUpper(part.Type) {
			case "BODY":
				t.Body = channel.Clean(part.Text, maxBody)
			case "BUTTONS":
				for _, b := range part.Buttons {
					if strings.EqualFold(b.Type, "QUICK_REPLY") {
						t.Buttons++
					}
				}
			}
		}
		out = append(out, t)
	}
	return out
}
