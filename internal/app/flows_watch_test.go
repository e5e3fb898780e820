package app

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// put writes a bundle as folders. Each file appears whole, as careful editors do
// it: a test may be held up between two writes for longer than the watch waits.
func put(t *testing.T, dir string, b Bundle) {
	t.Helper()
	for name, text := range b {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+"~", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+"~", path); err != nil {
			t.Fatal(err)
		}
	}
}

// told are the texts that an operator at the terminal reads.
type told struct {
	mu    sync.Mutex
	texts []string
}

func (l *told) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, text)
}

func (l *told) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range l.texts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// A saved file is in force for new conversations; a broken one is told with its
// place, changes nothing, and mending it is enough.
func TestWatchDrafts(t *testing.T) {
	t.Parallel()
	first := office(t, offer(1, "pregunta", ""), texts("Oferta: SI o NO", "Gracias"))
	p := newPress(t, first)
	dir, heard := t.TempDir(), &told{}
	put(t, dir, first)
	p.app.cfg.FlowsDir, p.app.cfg.Watch, p.app.cfg.Tell = filepath.Join(dir, "flows"), true, heard.add
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { _ = p.app.watchDrafts(ctx) })
	work.Go(func() { _ = p.app.followFlows(ctx) })
	defer work.Wait()
	defer cancel()
	p.happen("vale.declined", 0, 1)
	p.drain(p.app)

	const file = "flows/oferta.flow.yaml"
	put(t, dir, Bundle{file: offer(1, "otra", "")})
	until(t, func() bool { return p.app.flowSeq.Load() == 2 })
	put(t, dir, Bundle{file: offer(1, "otra", "") + "  lejos: {say: p.gracias, go: nada}\n"})
	until(t, func() bool { return heard.has("oferta.flow.yaml:") && heard.has("siguen los de antes") })
	if status := p.status(); !strings.Contains(status.Errors, "oferta.flow.yaml:") || status.Change != 2 {
		t.Errorf("status with a broken draft: %+v", status)
	}
	if note, ok := p.app.drafts.since(0); !ok || !strings.Contains(note.Text, "siguen los de antes") {
		t.Errorf("the phones page reads %q", note.Text)
	}
	p.happen("vale.declined", 1, 2)
	p.drain(p.app)
	put(t, dir, Bundle{file: offer(1, "tercera", "")})
	until(t, func() bool { return p.app.flowSeq.Load() == 3 })
	if status := p.status(); status.Errors != "" {
		t.Errorf("mended, and still: %+v", status)
	}
	p.happen("vale.declined", 2, 3)
	p.happen("vale.cancelled", 0, 3)
	p.drain(p.app)
	if n := ask[int](p, `select count(*) from dialogue where outcome = 'listo' and (version, flow) in ((1, 'oferta'), (2, 'oferta'), (3, 'oferta'))`); n != 3 {
		t.Errorf("%d of 3 ended, each in the version it began with", n)
	}
	if n := ask[int](p, `select count(distinct version) from dialogue where flow = 'oferta'`); n != 3 {
		t.Errorf("%d versions", n)
	}
}

type flowState struct {
	Change int64  `json:"change"`
	Errors string `json:"errors"`
}

func (p *press) status() (s flowState) {
	p.Helper()
	w := httptest.NewRecorder()
	p.app.flowStatus(w, nil)
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
		p.Fatal(err)
	}
	return s
}
