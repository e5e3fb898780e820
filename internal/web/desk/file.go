package desk

import (
	"net/http"

	"github.com/google/uuid"

	"valebot/internal/casework"
	"valebot/internal/fault"
)

// file serves what a person sent. It is a stranger's file: only plain pictures
// are shown, everything else is saved, and whatever opens runs nothing.
func (d *Desk) file(w http.ResponseWriter, r *http.Request, v visit) error {
	chat, err := idOf(r)
	if err != nil {
		return err
	}
	id, err := uuid.Parse(r.PathValue("file"))
	if err != nil {
		return fault.New(fault.NotFound, "media_absent", "Ese archivo no está.")
	}
	kind, content, err := d.cfg.Store.OpenFile(r.Context(), v.Agent, chat, id, v.now)
	if err != nil {
		return err
	}
	how := "inline"
	if !(casework.File{Type: kind}).Picture() {
		kind, how = "application/octet-stream", "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", how)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(content) // a browser that left is no error
	return nil
}

// filed puts files beside the messages that they came with.
func filed(all []lineView, files []casework.File) []lineView {
	for i := range all {
		for _, f := range files {
			if all[i].Kind == casework.In && f.Message == all[i].ID {
				all[i].Files = append(all[i].Files, f)
			}
		}
	}
	return all
}
