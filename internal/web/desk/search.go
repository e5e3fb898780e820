package desk

import (
	"net/http"

	"valebot/internal/casework"
)

type searchView struct {
	frame
	Query string
	Asked bool
	Hits  []casework.Hit
}

// search finds a person, a vale, a complaint, a request or a payment. It is a
// form that is posted, so that what is looked for is in no address and no log.
func (d *Desk) search(w http.ResponseWriter, r *http.Request, v visit) error {
	view := searchView{frame: d.frame(v, "Buscar")}
	view.Menu = "buscar"
	if r.Method == http.MethodPost {
		query := casework.ParseQuery(r.PostForm.Get("q"))
		hits, err := d.cfg.Store.Search(r.Context(), v.Agent, query, v.now)
		if err != nil {
			return err
		}
		view.Query, view.Asked, view.Hits = r.PostForm.Get("q"), true, hits
	}
	return d.pages.show(w, http.StatusOK, "search", view)
}
