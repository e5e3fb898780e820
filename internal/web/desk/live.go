package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
)

// live shows a page, or to the script only the parts of it that change. A script
// that has them already gets 304, which costs no bytes.
func (d *Desk) live(w http.ResponseWriter, r *http.Request, name string, view any) error {
	if !fresh(r) {
		return d.pages.show(w, http.StatusOK, name, view)
	}
	var body bytes.Buffer
	if err := d.pages[name].ExecuteTemplate(&body, "live", view); err != nil {
		return fmt.Errorf("render news of %s: %w", name, err)
	}
	sum := sha256.Sum256(body.Bytes())
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = body.WriteTo(w) // a browser that left is no error
	return nil
}
