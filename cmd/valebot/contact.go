package main

import (
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"valebot/internal/app"
	"valebot/internal/lending"
	"valebot/internal/mexid"
	"valebot/internal/postgres"
)

type reusCmd struct {
	Import reusImportCmd `cmd:"" help:"Pone la lista del REUS en lugar de la anterior."`
}

type reusImportCmd struct {
	File  string `arg:"" name:"archivo" help:"Un teléfono por línea, o CSV con el teléfono en alguna columna; - es la entrada."`
	Actor string `required:"" help:"Quién la importa; queda en la bitácora."`
	dataFlags
}

// Help shows two real uses.
func (reusImportCmd) Help() string {
	return `Ejemplos:
  valebot reus import reus-2026-03.csv --actor luis
  valebot reus import - --actor luis --json < reus.txt

Desde ese momento no sale ninguna promoción a esos teléfonos; avisos y recordatorios sí, que el REUS no cubre.
Con un teléfono que no se entiende no se importa nada: termina con 3 y dice las líneas.`
}

// listed is what an import of the register did, for programs.
type listed struct {
	Count   int `json:"count"`
	Added   int `json:"added"`
	Removed int `json:"removed"`
}

// Run imports a list. JSON: listed. Lines that hold no phone end with exit code 3.
func (c *reusImportCmd) Run(e *env) error {
	text, err := e.readFile(c.File)
	if err != nil {
		return err
	}
	phones, bad := parseREUS(string(text))
	if len(bad) > 0 {
		return coded{fmt.Errorf("valebot: no hay teléfono de diez cifras en %d líneas: %s", len(bad), firstFew(bad)), exitFindings}
	}
	if len(phones) == 0 {
		return coded{fmt.Errorf("valebot: la lista está vacía; así saldrían promociones a todos"), exitFindings}
	}
	list := postgres.REUS{File: filepath.Base(c.File), SHA256: sha256.Sum256(text), Phones: phones, Actor: c.Actor}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		done, err := s.ImportREUS(e.ctx, list, time.Now())
		if err != nil {
			return err
		}
		return e.print(listed(done), fmt.Sprintf("%d teléfonos en el REUS: %d nuevos, %d ya no están\n", done.Count, done.Added, done.Removed))
	})
}

// parseREUS reads phones, one a line, in any column. The first line may be a
// heading. It returns each phone once, sorted, and the numbers of the lines that
// hold none.
func parseREUS(text string) (phones []string, bad []int) {
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		phone, ok := phoneIn(line)
		switch {
		case ok:
			phones = append(phones, phone)
		case n > 1:
			bad = append(bad, n)
		}
	}
	slices.Sort(phones)
	return slices.Compact(phones), bad
}

func phoneIn(line string) (string, bool) {
	for field := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(",;\t|\"", r) }) {
		if phone, err := mexid.ParsePhone(strings.TrimSpace(field)); err == nil {
			return string(phone), true
		}
	}
	return "", false
}

func firstFew(lines []int) string {
	var out []string
	for _, n := range lines[:min(len(lines), 10)] {
		out = append(out, strconv.Itoa(n))
	}
	if len(lines) > 10 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

type consentCmd struct {
	Phone    string `arg:"" name:"telefono" help:"De quién."`
	Purpose  string `arg:"" name:"para" enum:"avisos,recordatorios,promociones" help:"avisos, recordatorios o promociones."`
	Answer   string `arg:"" name:"respuesta" enum:"si,no" help:"si o no."`
	Evidence string `required:"" help:"Cómo consta: folio del formato, grabación, carta."`
	Actor    string `required:"" help:"Quién lo anota; queda en la bitácora."`
	dataFlags
}

// Help shows two real uses.
func (consentCmd) Help() string {
	return `Ejemplos:
  valebot consent 6671234567 promociones si --evidence "solicitud S-00012, casilla 4" --actor luis
  valebot consent 6671234567 recordatorios no --evidence "carta del 3 de marzo" --actor luis

Lo que se dice por mensaje (BAJA, ALTA, PROMOS SI, PROMOS NO) se anota solo.`
}

// Run notes what somebody said about being written to. JSON: lending.Consent.
func (c *consentCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return coded{fmt.Errorf("valebot: %w", err), 2}
	}
	purposes := map[string]lending.Purpose{
		"avisos": lending.ServicePurpose, "recordatorios": lending.ReminderPurpose, "promociones": lending.MarketingPurpose,
	}
	said := lending.Consent{Contact: "tel:" + string(phone), Purpose: purposes[c.Purpose], Granted: c.Answer == "si", Evidence: c.Evidence, Actor: c.Actor}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		if err := s.Consented(e.ctx, said, time.Now()); err != nil {
			return err
		}
		return e.print(said, fmt.Sprintf("anotado: %s a %s\n", c.Answer, c.Purpose))
	})
}

type contactLogCmd struct {
	Phone string `arg:"" name:"telefono" help:"De quién."`
	From  string `help:"Desde este día (AAAA-MM-DD); por omisión, hace 90 días."`
	To    string `help:"Hasta este día, incluido; por omisión, hoy."`
	Why   string `name:"porque" required:"" help:"Para qué se pide, como el folio de la queja; queda en la bitácora."`
	Actor string `required:"" help:"Quién lo pide; queda en la bitácora."`
	dataFlags
}

// Help shows two real uses.
func (contactLogCmd) Help() string {
	return `Ejemplos:
  valebot contact-log 6671234567 --porque "queja Q-00004" --actor luis > contactos.csv
  valebot contact-log 6671234567 --from 2026-02-01 --to 2026-02-28 --porque "CONDUSEF 123" --actor luis --json

Cada renglón es un mensaje que salió, que entró o que no salió (y por qué), o lo que la persona dijo sobre recibirlos.
No trae los textos.`
}

// Run prints the contact log of a person: CSV for people, JSON with --json: a list
// of postgres.Contacted.
func (c *contactLogCmd) Run(e *env) error {
	phone, err := mexid.ParsePhone(c.Phone)
	if err != nil {
		return coded{fmt.Errorf("valebot: %w", err), 2}
	}
	from, to, err := spanOf(c.From, c.To, time.Now())
	if err != nil {
		return coded{err, 2}
	}
	cfg, err := c.config()
	if err != nil {
		return err
	}
	return app.WithStore(e.ctx, cfg, slog.New(slog.DiscardHandler), func(s *postgres.Store) error {
		log, err := s.ContactLog(e.ctx, "tel:"+string(phone), from, to, time.Now(), c.Actor, c.Why)
		if err != nil {
			return err
		}
		return e.print(orEmpty(log), contactCSV(log))
	})
}

// spanOf reads a span of days, both included, as the moments between them. By
// default it is the last 90 days.
func spanOf(first, last string, now time.Time) (from, to time.Time, err error) {
	from, to = now.AddDate(0, 0, -90), now
	if first != "" {
		if from, err = time.ParseInLocation(time.DateOnly, first, app.Zone()); err != nil {
			return from, to, fmt.Errorf("valebot: --from: %q no es un día; escribe 2026-03-01", first)
		}
	}
	if last != "" {
		if to, err = time.ParseInLocation(time.DateOnly, last, app.Zone()); err != nil {
			return from, to, fmt.Errorf("valebot: --to: %q no es un día; escribe 2026-03-31", last)
		}
		to = to.AddDate(0, 0, 1)
	}
	if !from.Before(to) {
		return from, to, fmt.Errorf("valebot: --from es después de --to")
	}
	return from, to, nil
}

// contactCSV writes the log for a spreadsheet. No cell begins like a formula.
func contactCSV(log []postgres.Contacted) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"fecha", "qué", "canal", "para", "autor", "mensaje", "estado", "motivo", "id del proveedor", "hora local de envío"}}
	for _, l := range log {
		rows = append(rows, []string{l.At.In(app.Zone()).Format("2006-01-02 15:04:05"), l.What, l.Channel, l.Purpose, l.Author, l.Message, l.State, l.Reason, l.Provider, l.Local})
	}
	for _, row := range rows {
		for i := range row {
			if strings.HasPrefix(row[i], "=") || strings.HasPrefix(row[i], "+") || strings.HasPrefix(row[i], "-") || strings.HasPrefix(row[i], "@") {
				row[i] = "'" + row[i]
			}
		}
	}
	_ = w.WriteAll(rows) // a strings.Builder takes everything
	return b.String()
}
