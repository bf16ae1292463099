package items

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/api/review"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/internal/respond"
)

// maxBodyBytes is of an item of DynamoDB's 400 KB, in JSON, twice.
const maxBodyBytes = 4 << 20

// Handler serves a table. Open is asked for it at each request, since it may be another when
// the git branch is; its error is a sentence for a person.
//
//	GET    /api/table             how it is made
//	POST   /api/table/query       {"access_pattern","restaurant","id","shard","limit","start"}
//	POST   /api/table/scan        {"index","limit","start"}
//	GET    /api/table/item?pk=&sk=
//	PUT    /api/table/item        {"item","was"}: in the place of what was seen; without was, a new one
//	DELETE /api/table/item?pk=&sk= {"was"}
//
// It looks neither at Host nor at Origin: that is for what stands in front of it.
func Handler(open func() (*Table, error)) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, serve func(t *Table, w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			table, err := open()
			if err != nil {
				respond.Problem(w, http.StatusServiceUnavailable, err.Error())
				return
			}
			if err := serve(table, w, r); err != nil {
				problem(w, r, err)
			}
		})
	}
	handle("GET /api/table", func(t *Table, w http.ResponseWriter, r *http.Request) error {
		return answered(w)(t.Describe(r.Context()))
	})
	handle("POST /api/table/query", (*Table).serveQuery)
	handle("POST /api/table/scan", (*Table).serveScan)
	handle("GET /api/table/item", func(t *Table, w http.ResponseWriter, r *http.Request) error {
		stored, err := t.Get(r.Context(), r.URL.Query().Get("pk"), r.URL.Query().Get("sk"))
		return answered(w)(map[string]jsontext.Value{"item": stored}, err)
	})
	handle("PUT /api/table/item", (*Table).servePut)
	handle("DELETE /api/table/item", (*Table).serveDelete)
	return mux
}

// answered writes what there is, and returns an error.
func answered(w http.ResponseWriter) func(v any, err error) error {
	return func(v any, err error) error {
		if err == nil {
			respond.JSON(w, v)
		}
		return err
	}
}

var statuses = map[ErrorKind]int{
	Refused: http.StatusUnprocessableEntity, NotFound: http.StatusNotFound, Changed: http.StatusConflict,
	Hidden: http.StatusForbidden, Unavailable: http.StatusBadGateway,
}

func problem(w http.ResponseWriter, r *http.Request, err error) {
	if known, ok := errors.AsType[*Error](err); ok {
		respond.Problem(w, statuses[known.Kind], known.Detail)
		return
	}
	if r.Context().Err() != nil {
		return // nobody reads it
	}
	slog.WarnContext(r.Context(), "the table browser failed", "error", err)
	respond.Problem(w, http.StatusInternalServerError, "this did not work: the log of the environment says why")
}

func (t *Table) serveQuery(w http.ResponseWriter, r *http.Request) error {
	var query struct {
		AccessPattern string `json:"access_pattern"`
		Restaurant    string `json:"restaurant"`
		ID            string `json:"id"`
		Shard         int    `json:"shard"`
		Limit         int    `json:"limit"`
		Start         string `json:"start"`
	}
	if !respond.Read(w, r, maxBodyBytes, &query) {
		return nil
	}
	about := store.Asked{Shard: query.Shard}
	if query.Restaurant != "" {
		name, err := review.ParseName(query.Restaurant)
		if err != nil {
			return refused("%s", err)
		}
		about.Restaurant = name
	}
	if query.ID != "" {
		id, err := uuid.FromString(query.ID)
		if err != nil {
			return refused("the id of a review is a UUID such as 01a20ab6-4816-7686-8989-9289278a4a47, and not %q", query.ID)
		}
		about.ID = id
	}
	return answered(w)(t.Query(r.Context(), query.AccessPattern, about, query.Limit, query.Start))
}

func (t *Table) serveScan(w http.ResponseWriter, r *http.Request) error {
	var scan struct {
		Index string `json:"index"`
		Limit int    `json:"limit"`
		Start string `json:"start"`
	}
	if !respond.Read(w, r, maxBodyBytes, &scan) {
		return nil
	}
	return answered(w)(t.Scan(r.Context(), scan.Index, scan.Limit, scan.Start))
}

func (t *Table) servePut(w http.ResponseWriter, r *http.Request) error {
	var change struct {
		Item jsontext.Value `json:"item"`
		Was  jsontext.Value `json:"was"`
	}
	if !respond.Read(w, r, maxBodyBytes, &change) {
		return nil
	}
	if change.Was.Kind() == 'n' {
		change.Was = nil
	}
	if err := t.Put(r.Context(), change.Item, change.Was); err != nil {
		return err
	}
	respond.JSON(w, map[string]jsontext.Value{"item": change.Item})
	return nil
}

func (t *Table) serveDelete(w http.ResponseWriter, r *http.Request) error {
	var seen struct {
		Was jsontext.Value `json:"was"`
	}
	if !respond.Read(w, r, maxBodyBytes, &seen) {
		return nil
	}
	if err := t.Delete(r.Context(), r.URL.Query().Get("pk"), r.URL.Query().Get("sk"), seen.Was); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
