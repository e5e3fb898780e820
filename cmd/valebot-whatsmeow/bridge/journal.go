package bridge

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Taken is a message that was begun or sent, by its key. It holds no text.
type Taken struct {
	Key     string    `json:"key"` // "<id>:<attempt>"
	Sum     string    `json:"sum"` // SHA-256 of the order
	ID      string    `json:"id"`
	Attempt int       `json:"attempt"`
	Message string    `json:"message"` // WhatsApp's id
	Sent    bool      `json:"sent"`
	At      time.Time `json:"at"`
}

// line is one line of the journal: a message, a person who wrote, or a stop.
type line struct {
	Taken *Taken     `json:"taken,omitempty"`
	From  string     `json:"from,omitempty"`
	Stop  string     `json:"stop,omitempty"`
	At    *time.Time `json:"at,omitempty"`
}

// Journal remembers over restarts what was sent, who wrote when, and whether we
// were stopped. Each change is one line, on disk before the call returns.
type Journal struct {
	mu        sync.Mutex
	path      string
	file      *os.File
	byKey     map[string]Taken
	byMessage map[string]string // to the key
	wrote     map[string]time.Time
	stopped   string
}

// OpenJournal reads the journal in a folder of mode 0700, and writes it anew
// without what is older than Memory. A last line that a crash cut off is dropped.
func OpenJournal(dir string, now time.Time) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make journal folder: %w", err)
	}
	j := &Journal{path: filepath.Join(dir, "journal.jsonl"), byKey: map[string]Taken{}, byMessage: map[string]string{}, wrote: map[string]time.Time{}}
	if err := j.read(); err != nil {
		return nil, err
	}
	return j, j.rewrite(now)
}

func (j *Journal) read() error {
	f, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		var l line
		if json.Unmarshal(s.Bytes(), &l) == nil {
			j.apply(l)
		}
	}
	return s.Err()
}

func (j *Journal) apply(l line) {
	switch {
	case l.Taken != nil:
		j.byKey[l.Taken.Key], j.byMessage[l.Taken.Message] = *l.Taken, l.Taken.Key
	case l.Stop != "":
		j.stopped = l.Stop
	case l.From != "" && l.At != nil:
		if l.At.After(j.wrote[l.From]) {
			j.wrote[l.From] = *l.At
		}
	}
}

// rewrite puts what is still of use in a new file and goes on writing there.
func (j *Journal) rewrite(now time.Time) error {
	f, err := os.OpenFile(j.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.file = f
	var failed error
	for key, t := range j.byKey {
		if now.Sub(t.At) > Memory {
			delete(j.byKey, key)
			delete(j.byMessage, t.Message)
			continue
		}
		failed = errors.Join(failed, j.write(line{Taken: &t}))
	}
	for from, at := range j.wrote {
		if now.Sub(at) > Memory {
			delete(j.wrote, from)
			continue
		}
		failed = errors.Join(failed, j.write(line{From: from, At: &at}))
	}
	if j.stopped != "" {
		failed = errors.Join(failed, j.write(line{Stop: j.stopped}))
	}
	if failed = errors.Join(failed, f.Sync()); failed != nil {
		return failed
	}
	return os.Rename(j.path+".new", j.path)
}

func (j *Journal) write(l line) error {
	raw, err := json.Marshal(l)
	if err == nil {
		_, err = j.file.Write(append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// add applies a line once it is on disk.
func (j *Journal) add(l line) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.write(l); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.apply(l)
	return nil
}

// Take notes a message, begun or sent.
func (j *Journal) Take(t Taken) error { return j.add(line{Taken: &t}) }

// Wrote notes that a person wrote.
func (j *Journal) Wrote(from string, at time.Time) error { return j.add(line{From: from, At: &at}) }

// Stop notes that nothing may be sent any more, and why.
func (j *Journal) Stop(reason string, at time.Time) error {
	return j.add(line{Stop: reason, At: &at})
}

// Resume forgets a stop: a person has looked.
func (j *Journal) Resume(now time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stopped = ""
	return j.rewrite(now)
}

// Stopped returns why nothing is sent, or "".
func (j *Journal) Stopped() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.stopped
}

// ByKey finds a message by its key.
func (j *Journal) ByKey(key string) (Taken, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	t, ok := j.byKey[key]
	return t, ok
}

// ByMessage finds the last attempt of a message by WhatsApp's id.
func (j *Journal) ByMessage(id string) (Taken, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	t, ok := j.byKey[j.byMessage[id]]
	return t, ok
}

// LastFrom returns when a person last wrote; zero for never.
func (j *Journal) LastFrom(from string) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.wrote[from]
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
