package casework

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// File is a photo, a document or a recording that a person sent.
type File struct {
	ID      uuid.UUID
	Message uuid.UUID // the entry of the thread that it came with
	State   string    // waiting, stored or gone
	Type    string    // "image/jpeg"
	Size    int       // bytes
	Reason  string    // with gone: why, Spanish
}

// Ready reports whether the file can be opened.
func (f File) Ready() bool { return f.State == "stored" }

// Picture reports whether a browser may show the file inside a page. An SVG is
// none: it can hold a program.
func (f File) Picture() bool {
	switch f.Type {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		return true
	}
	return false
}

// Label is what a link to the file says.
func (f File) Label() string {
	kind := "Archivo"
	switch {
	case f.Picture():
		kind = "Foto"
	case strings.HasPrefix(f.Type, "audio/"):
		kind = "Nota de voz"
	case f.Type == "application/pdf":
		kind = "PDF"
	}
	switch {
	case f.State == "waiting":
		return "Llegando…"
	case f.State == "gone":
		return "No se pudo traer: " + f.Reason
	case f.Size >= 1<<20:
		return fmt.Sprintf("%s, %.1f MB", kind, float64(f.Size)/(1<<20))
	}
	return fmt.Sprintf("%s, %d kB", kind, max(1, f.Size>>10))
}
