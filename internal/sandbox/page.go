package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// policy lets the page run its own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// page adds the phones page and its files.
func (s *Sandbox) page(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic("sandbox: embedded files: " + err.Error())
	}
	shell := template.Must(template.ParseFS(files, "page.html"))
	assets := http.StripPrefix("/demo/assets/", http.FileServerFS(files))
	mux.HandleFunc("GET /demo/assets/", func(w http.ResponseWriter, r *http.Request) {
		guardPage(w)
		assets.ServeHTTP(w, r)
	})
	show := func(w http.ResponseWriter, _ *http.Request) {
		var page bytes.Buffer
		err := shell.Execute(&page, map[string]any{"Links": s.Links, "Doors": s.Doors, "Story": s.Story != nil, "Zone": s.Zone.String()})
		if err != nil {
			s.Log.Error("page not rendered", "error", err)
			http.Error(w, "La página no se pudo armar.", http.StatusInternalServerError)
			return
		}
		guardPage(w)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = page.WriteTo(w)
	}
	mux.HandleFunc("GET /demo", show)
	mux.HandleFunc("GET /demo/{$}", show)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // browsers ask
}

func guardPage(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-cache")
}
