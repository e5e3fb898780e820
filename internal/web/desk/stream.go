package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// beatEvery is how often a stream says that it is alive: a proxy that swallowed
// it is noticed by the page, and a session that ended by us.
const beatEvery = 15 * time.Second

// writingFor is for how long a draft tells colleagues that somebody writes.
const writingFor = 12 * time.Second

// pulseID makes a pulse fit for the id of an event: short and of plain letters.
func pulseID(pulse string) string {
	sum := sha256.Sum256([]byte(pulse))
	return hex.EncodeToString(sum[:10])
}

// stream tells a page by Server-Sent Events when to bring what is new. The id of
// an event names the state that it speaks of; a page that comes back with the
// newest one hears nothing.
func (d *Desk) stream(w http.ResponseWriter, r *http.Request, v visit) error {
	chat, err := chatOf(r)
	if err != nil {
		return err
	}
	out := http.NewResponseController(w)
	page := &viewer{agent: v.Agent, name: v.Name, chat: chat, pulse: word(r.Header.Get("Last-Event-ID")), news: make(chan string, 1)}
	if !d.watch.enter(page) {
		return fault.New(fault.Limited, "too_many_pages", "Tienes demasiadas páginas abiertas. Cierra algunas.")
	}
	defer d.watch.leave(page)
	// A stream outlives the limits that keep a slow request from holding a
	// connection; what it writes has a limit of its own.
	if err := out.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("free stream of limit: %w", err)
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // proxies that would collect it
	w.WriteHeader(http.StatusOK)
	d.pump(r, &pipe{w, out}, page, v)
	return nil
}

func chatOf(r *http.Request) (uuid.UUID, error) {
	raw := r.FormValue("c")
	if raw == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(raw)
	if err != nil {
		return uuid.Nil, fault.New(fault.NotFound, "no_such_chat", "Esa plática no existe.")
	}
	return id, nil
}

// pump writes until the page, the session or the program ends.
func (d *Desk) pump(r *http.Request, to *pipe, page *viewer, v visit) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	if !to.say("retry: 2000\nevent: hola\ndata: 1\n\n") {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case pulse, ok := <-page.news:
			if !ok || !to.say("id: "+pulse+"\nevent: nuevo\ndata: 1\n\n") {
				return
			}
		case <-beat.C:
			_, live, err := d.cfg.Store.SessionOf(r.Context(), v.Hash, d.cfg.Wall(), time.Time{}, false)
			if err == nil && !live {
				to.say("event: fuera\ndata: 1\n\n")
				return
			}
			if !to.say("event: pulso\ndata: 1\n\n") {
				return
			}
		}
	}
}

// pipe writes events to one page, each within a time.
type pipe struct {
	w   io.Writer
	out *http.ResponseController
}

func (p *pipe) say(event string) bool {
	if err := p.out.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return false
	}
	if _, err := io.WriteString(p.w, event); err != nil {
		return false
	}
	return p.out.Flush() == nil
}

// draft keeps what an agent has written so far.
func (d *Desk) draft(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := idOf(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get("texto"), ""), "\x00", ""))
	if len([]rune(text)) > casework.MaxText {
		return fault.Newf(fault.Invalid, "long_text", "El borrador no puede pasar de %d letras.", casework.MaxText)
	}
	if err := d.cfg.Store.KeepDraft(r.Context(), id, v.Agent, text, d.cfg.Wall()); err != nil {
		return err
	}
	d.Ring()
	w.WriteHeader(http.StatusNoContent)
	return nil
}
